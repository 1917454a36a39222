package dev.demur;

/**
 * Where the time of a generation went.
 *
 * @param promptTokens tokens of the prompt, as rendered; where the decision is read from a prompt of its own, as by a head that reads the
 *     message in other words, those of both
 * @param heldTokens of these, the ones that were held already, for a conversation or of another prompt with the same beginning,
 *     and that were not decoded again
 * @param promptNanos time to render, tokenise and decode the prompt and to decide
 * @param firstTokenNanos time from the start, as that of the prompt, to the first token of text; 0 where there is none
 * @param generatedTokens tokens drawn after the decision
 * @param generationNanos time from the decision to the end
 */
public record Timings(
        int promptTokens,
        int heldTokens,
        long promptNanos,
        long firstTokenNanos,
        int generatedTokens,
        long generationNanos) {

    private static final double NANOS = 1e9;

    /** Prompt tokens that were decoded per second; 0 where no time passed. */
    public double promptTokensPerSecond() {
        return perSecond(promptTokens - heldTokens, promptNanos);
    }

    /** Generated tokens per second; 0 where no time passed. */
    public double generatedTokensPerSecond() {
        return perSecond(generatedTokens, generationNanos);
    }

    private static double perSecond(int tokens, long nanos) {
        return nanos == 0 ? 0 : tokens * NANOS / nanos;
    }
}
