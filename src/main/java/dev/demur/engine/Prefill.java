package dev.demur.engine;

import dev.demur.llama.internal.EncodedPrompt;

/**
 * Tokens that a request's sequence is to hold before the request can go on.
 *
 * @param prompt the tokens
 * @param elsewhere whether they are decoded where nothing is written: in the context for prompts that are only decided on
 * @param reads whether the readout reads at their end
 * @param output whether there is to be an output at their end
 * @param room how many tokens may follow them in the same sequence: the context must be that much larger
 */
public record Prefill(EncodedPrompt prompt, boolean elsewhere, boolean reads, boolean output, int room) {

    /** A prompt that is decided on at its end. */
    public static Prefill toRead(EncodedPrompt prompt, boolean elsewhere, int room) {
        return new Prefill(prompt, elsewhere, true, true, room);
    }

    /**
     * Tokens that a reply goes on from.
     *
     * @param output whether the next token is drawn from what stands at their end
     */
    public static Prefill toWrite(int[] tokens, boolean output, int room) {
        return new Prefill(EncodedPrompt.of(tokens), false, false, output, room);
    }

    /** How many tokens the sequence must be able to hold. */
    int size() {
        return prompt.longest() + room;
    }
}
