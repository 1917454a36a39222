package dev.demur.engine;

/**
 * The blocks that prompts are decoded in. A block is decoded by itself, whoever asks: so the same beginning gives the same keys and
 * values, and a whole number of blocks of it can be shared by all prompts that have it. Blocks of this size cost a long prompt half
 * a percent with demur-small and two with demur-tiny; half the size costs eight to ten.
 */
public final class Blocks {

    private static final int TOKENS = 128;

    private Blocks() {}

    /** How many of so many tokens are in whole blocks. */
    static int whole(int tokens) {
        return tokens / TOKENS * TOKENS;
    }

    /** Where the block ends that the token at a position is in. */
    static int end(int position) {
        return whole(position) + TOKENS;
    }

    /** How many tokens two prompts both begin with, in whole blocks that leave at least a token of the first. */
    static int common(int[] prompt, int[] other) {
        int most = Math.min(prompt.length - 1, other.length);
        return whole(alike(prompt, other, most));
    }

    /** Whether two prompts differ in nothing that is in a whole block of either. */
    public static boolean areCommon(int[] prompt, int[] other) {
        int most = Math.min(prompt.length, other.length);
        return alike(prompt, other, most) >= whole(Math.max(prompt.length, other.length));
    }

    private static int alike(int[] prompt, int[] other, int most) {
        int alike = 0;
        while (alike < most && prompt[alike] == other[alike]) {
            alike++;
        }
        return alike;
    }
}
