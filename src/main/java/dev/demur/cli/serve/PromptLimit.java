package dev.demur.cli.serve;

import dev.demur.llama.Message;
import java.util.List;

/** How long a prompt may be: what fits into the context, or less. */
final class PromptLimit {

    /** The code of the error for a prompt that is too long. */
    static final String EXCEEDED = "context_length_exceeded";

    private final Engine engine;
    private final int most;
    private final boolean asked;

    /**
     * A limit.
     *
     * @param tokens the most that are taken; 0: what the context holds
     */
    PromptLimit(Engine engine, int tokens) {
        this.engine = engine;
        this.asked = tokens > 0 && tokens < engine.contextSize();
        this.most = asked ? tokens : engine.contextSize();
    }

    /** Returns how many tokens a conversation has that is answered; a 400 where they are too many. */
    int toAnswer(List<Message> messages) {
        return require(engine.promptTokens(messages));
    }

    /** Returns how many tokens of a conversation are decided on; a 400 where they are too many. */
    int toDecide(List<Message> messages) {
        return require(engine.decidedTokens(messages));
    }

    private int require(int tokens) {
        if (tokens > most) {
            throw ApiException.badRequest(
                    "messages",
                    EXCEEDED,
                    "the prompt has " + tokens + " tokens and at most " + most + " are taken"
                            + (asked ? " (--max-prompt-tokens)" : ", the context size (--ctx)") + ": shorten it");
        }
        return tokens;
    }
}
