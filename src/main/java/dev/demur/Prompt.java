package dev.demur;

import dev.demur.engine.Blocks;
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

    /** Whether one sequence may hold first what is read and then what is answered, and nobody's blocks are lost by that. */
    boolean fitsOneSequence() {
        return isOne() || Blocks.areCommon(decision.ids(), reply.ids());
    }

    /** The most tokens that are held of it at once. */
    int longest() {
        return Math.max(decision.longest(), reply.ids().length);
    }
}
