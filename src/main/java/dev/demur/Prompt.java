package dev.demur;

/**
 * A conversation as token ids.
 *
 * @param reply up to where the reply begins
 * @param decision up to where the readout reads; the same array where that is one place
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Prompt(int[] reply, int[] decision) {

    /** How many tokens are decoded of it. */
    int tokens() {
        return isOne() ? reply.length : decision.length + reply.length;
    }

    /** Whether the reply goes on from where the readout reads. */
    boolean isOne() {
        return reply == decision;
    }
}
