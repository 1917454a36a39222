package dev.demur;

import dev.demur.llama.internal.EncodedPrompt;

/**
 * A conversation as token ids.
 *
 * @param reply up to where the reply begins
 * @param decision up to where the readout reads; the same one where that is one place
 */
record Prompt(EncodedPrompt reply, EncodedPrompt decision) {

    /** How many tokens are decoded of it. */
    int tokens() {
        return isOne() ? reply.ids().length : decision.ids().length + reply.ids().length;
    }

    /** Whether the reply goes on from where the readout reads. */
    boolean isOne() {
        return reply == decision;
    }
}
