package dev.demur.llama;

/**
 * How the tokens after the first position are drawn: {@link #GREEDY}, and what the withers change of it.
 *
 * @param temperature 0 takes the likeliest token, greedily; from {@value #COLDEST} to {@value #HOTTEST}, the logits are
 *     divided by it
 * @param topK keeps the k likeliest tokens; 0 keeps all
 * @param topP keeps the likeliest tokens whose probabilities add up to p; 1 keeps all
 * @param minP keeps the tokens that are at least this times as likely as the likeliest; 0 keeps all
 * @param repeatPenalty from {@value #LEAST_PENALTY} to {@value #MOST_PENALTY}, divides positive logits of recent tokens and
 *     multiplies the others; 1 is none
 * @param frequencyPenalty is then subtracted from their logits for each time that they are there, from
 *     -{@value #MOST_SUBTRACTED} to {@value #MOST_SUBTRACTED}; 0 is none
 * @param presencePenalty is subtracted once, likewise
 * @param seed of the random numbers; the same seed gives the same text on the same library, model and thread count
 */
public record Sampling(
        double temperature,
        int topK,
        double topP,
        double minP,
        double repeatPenalty,
        double frequencyPenalty,
        double presencePenalty,
        int seed) {

    /**
     * The lowest temperature but 0: at this one neighbouring floats around 10 are already a factor of e apart, so that
     * nothing is left to draw below it.
     */
    public static final double COLDEST = 1e-6;

    /** The highest temperature: all tokens are equally likely long before. */
    public static final double HOTTEST = 1e6;

    /** The least repeat penalty, which multiplies the logits of recent tokens by ten. */
    public static final double LEAST_PENALTY = 0.1;

    /** The greatest repeat penalty. Around 1.1 is usual, and beyond this one the model's own logits no longer count. */
    public static final double MOST_PENALTY = 10;

    /** The most that a frequency or presence penalty subtracts or, below 0, adds: hardly a logit reaches as far. */
    public static final double MOST_SUBTRACTED = 100;

    /** The likeliest token each time. */
    public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 1, 0, 0, 0);

    public Sampling {
        if (temperature != 0) {
            requireRange("temperature", temperature, "0 (the likeliest token) or from ", COLDEST, HOTTEST);
        }
        if (topK < 0) {
            throw new IllegalArgumentException("top-k is " + topK + ": it must be 0 (off) or more");
        }
        requireRange("top-p", topP, "from ", 0, 1);
        requireRange("min-p", minP, "from ", 0, 1);
        requireRange("repeat penalty", repeatPenalty, "1 (none) or from ", LEAST_PENALTY, MOST_PENALTY);
        requireRange("frequency penalty", frequencyPenalty, "from ", -MOST_SUBTRACTED, MOST_SUBTRACTED);
        requireRange("presence penalty", presencePenalty, "from ", -MOST_SUBTRACTED, MOST_SUBTRACTED);
    }

    private static void requireRange(String name, double value, String before, double low, double high) {
        if (!(value >= low && value <= high)) {
            throw new IllegalArgumentException(name + " is " + value + ": it must be " + before + low + " to " + high);
        }
    }

    /** The same with another temperature. */
    public Sampling withTemperature(double newTemperature) {
        return new Sampling(newTemperature, topK, topP, minP, repeatPenalty, frequencyPenalty, presencePenalty, seed);
    }

    /** The same with another k. */
    public Sampling withTopK(int newTopK) {
        return new Sampling(temperature, newTopK, topP, minP, repeatPenalty, frequencyPenalty, presencePenalty, seed);
    }

    /** The same with another p. */
    public Sampling withTopP(double newTopP) {
        return new Sampling(temperature, topK, newTopP, minP, repeatPenalty, frequencyPenalty, presencePenalty, seed);
    }

    /** The same with another least share of the likeliest token's probability. */
    public Sampling withMinP(double newMinP) {
        return new Sampling(temperature, topK, topP, newMinP, repeatPenalty, frequencyPenalty, presencePenalty, seed);
    }

    /** The same with another repeat penalty. */
    public Sampling withRepeatPenalty(double newRepeatPenalty) {
        return new Sampling(temperature, topK, topP, minP, newRepeatPenalty, frequencyPenalty, presencePenalty, seed);
    }

    /** The same with another frequency penalty. */
    public Sampling withFrequencyPenalty(double newFrequencyPenalty) {
        return new Sampling(temperature, topK, topP, minP, repeatPenalty, newFrequencyPenalty, presencePenalty, seed);
    }

    /** The same with another presence penalty. */
    public Sampling withPresencePenalty(double newPresencePenalty) {
        return new Sampling(temperature, topK, topP, minP, repeatPenalty, frequencyPenalty, newPresencePenalty, seed);
    }

    /** The same with another seed. */
    public Sampling withSeed(int newSeed) {
        return new Sampling(temperature, topK, topP, minP, repeatPenalty, frequencyPenalty, presencePenalty, newSeed);
    }
}
