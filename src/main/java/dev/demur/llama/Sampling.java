package dev.demur.llama;

/**
 * How the tokens after the first position are drawn.
 *
 * @param temperature 0 takes the likeliest token, greedily; above, the logits are divided by it
 * @param topK keeps the k likeliest tokens; 0 keeps all
 * @param topP keeps the likeliest tokens whose probabilities add up to p; 1 keeps all
 * @param minP keeps the tokens that are at least this times as likely as the likeliest; 0 keeps all
 * @param repeatPenalty divides the logits of recent tokens; 1 is none
 * @param seed of the random numbers; the same seed gives the same text on the same library, model and thread count
 */
public record Sampling(double temperature, int topK, double topP, double minP, double repeatPenalty, int seed) {

    /** The likeliest token each time. */
    public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 1, 0);

    public Sampling {
        requireRange("temperature", temperature, 0, 1e6);
        if (topK < 0) {
            throw new IllegalArgumentException("top-k is " + topK + ": it must be 0 (off) or more");
        }
        requireRange("top-p", topP, 0, 1);
        requireRange("min-p", minP, 0, 1);
        if (!(repeatPenalty > 0) || repeatPenalty > 1e6) {
            throw new IllegalArgumentException(
                    "repeat penalty is " + repeatPenalty + ": it must be above 0 (1 is none)");
        }
    }

    private static void requireRange(String name, double value, double low, double high) {
        if (!(value >= low && value <= high)) {
            throw new IllegalArgumentException(name + " is " + value + ": it must be from " + low + " to " + high);
        }
    }
}
