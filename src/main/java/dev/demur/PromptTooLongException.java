package dev.demur;

import java.io.Serial;

/** A prompt has more tokens than the context holds: shorten it, or load the model with a larger context. */
public final class PromptTooLongException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int promptTokens;
    private final int contextSize;

    /** A prompt of {@code promptTokens} tokens where {@code contextSize} have room. */
    public PromptTooLongException(int promptTokens, int contextSize) {
        this("the prompt has", "the conversation", promptTokens, contextSize);
    }

    private PromptTooLongException(String subject, String shortened, int promptTokens, int contextSize) {
        super(subject + " " + promptTokens + " tokens and the context holds " + contextSize + ": shorten " + shortened
                + " or raise the context size (LoadOptions.withContextSize)");
        this.promptTokens = promptTokens;
        this.contextSize = contextSize;
    }

    /** The same for the question of a frame, which is told by its name, and what it is about. */
    static PromptTooLongException ofQuestion(String name, int promptTokens, int contextSize) {
        return new PromptTooLongException(
                "the question '" + name + "' and what it is about have", "them", promptTokens, contextSize);
    }

    /** How many tokens the prompt has, with all that the chat template adds. */
    public int promptTokens() {
        return promptTokens;
    }

    /** The most tokens that a prompt may have, as {@link LoadOptions#contextSize} says; its reply takes of the same. */
    public int contextSize() {
        return contextSize;
    }
}
