package dev.demur.llama;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the tokens after the first position are drawn: {@link #GREEDY}, and what the withers change of it. Immutable.
 *
 * <p>Nothing is penalised unless it is asked for: a small model may then repeat itself until its token limit. The command line asks
 * for a {@linkplain #repeatPenalty repeat penalty} of 1.1 by default, and so writes other text than the library does.
 */
public final class Sampling {

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

    /** The likeliest token each time, without any penalty. */
    public static final Sampling GREEDY = builder().build();

    private final double temperature;
    private final int topK;
    private final double topP;
    private final double minP;
    private final double repeatPenalty;
    private final double frequencyPenalty;
    private final double presencePenalty;
    private final int seed;

    private Sampling(Builder from) {
        this.temperature = from.temperature;
        this.topK = from.topK;
        this.topP = from.topP;
        this.minP = from.minP;
        this.repeatPenalty = from.repeatPenalty;
        this.frequencyPenalty = from.frequencyPenalty;
        this.presencePenalty = from.presencePenalty;
        this.seed = from.seed;
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

    /** Begins with what {@link #GREEDY} has. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that begins with these. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.temperature = temperature;
        builder.topK = topK;
        builder.topP = topP;
        builder.minP = minP;
        builder.repeatPenalty = repeatPenalty;
        builder.frequencyPenalty = frequencyPenalty;
        builder.presencePenalty = presencePenalty;
        builder.seed = seed;
        return builder;
    }

    /** 0 takes the likeliest token, greedily; from {@value #COLDEST} to {@value #HOTTEST}, the logits are divided by it. */
    public double temperature() {
        return temperature;
    }

    /** Keeps the k likeliest tokens; 0 keeps all. */
    public int topK() {
        return topK;
    }

    /** Keeps the likeliest tokens whose probabilities add up to p; 1 keeps all. */
    public double topP() {
        return topP;
    }

    /** Keeps the tokens that are at least this times as likely as the likeliest; 0 keeps all. */
    public double minP() {
        return minP;
    }

    /** From {@value #LEAST_PENALTY} to {@value #MOST_PENALTY}, divides positive logits of recent tokens and multiplies the others; 1, the default, is none. */
    public double repeatPenalty() {
        return repeatPenalty;
    }

    /** What is then subtracted from their logits for each time that they are there, from -{@value #MOST_SUBTRACTED} to {@value #MOST_SUBTRACTED}; 0 is none. */
    public double frequencyPenalty() {
        return frequencyPenalty;
    }

    /** What is subtracted once, likewise. */
    public double presencePenalty() {
        return presencePenalty;
    }

    /** The seed of the random numbers; the same seed gives the same text on the same library, model and thread count. */
    public int seed() {
        return seed;
    }

    private static void requireRange(String name, double value, String before, double low, double high) {
        if (!(value >= low && value <= high)) {
            throw new IllegalArgumentException(name + " is " + value + ": it must be " + before + low + " to " + high);
        }
    }

    /** The same with another temperature. */
    public Sampling withTemperature(double newTemperature) {
        return toBuilder().temperature(newTemperature).build();
    }

    /** The same with another k. */
    public Sampling withTopK(int newTopK) {
        return toBuilder().topK(newTopK).build();
    }

    /** The same with another p. */
    public Sampling withTopP(double newTopP) {
        return toBuilder().topP(newTopP).build();
    }

    /** The same with another least share of the likeliest token's probability. */
    public Sampling withMinP(double newMinP) {
        return toBuilder().minP(newMinP).build();
    }

    /** The same with another repeat penalty. */
    public Sampling withRepeatPenalty(double newRepeatPenalty) {
        return toBuilder().repeatPenalty(newRepeatPenalty).build();
    }

    /** The same with another frequency penalty. */
    public Sampling withFrequencyPenalty(double newFrequencyPenalty) {
        return toBuilder().frequencyPenalty(newFrequencyPenalty).build();
    }

    /** The same with another presence penalty. */
    public Sampling withPresencePenalty(double newPresencePenalty) {
        return toBuilder().presencePenalty(newPresencePenalty).build();
    }

    /** The same with another seed. */
    public Sampling withSeed(int newSeed) {
        return toBuilder().seed(newSeed).build();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Sampling that
                && Double.compare(temperature, that.temperature) == 0
                && topK == that.topK
                && Double.compare(topP, that.topP) == 0
                && Double.compare(minP, that.minP) == 0
                && Double.compare(repeatPenalty, that.repeatPenalty) == 0
                && Double.compare(frequencyPenalty, that.frequencyPenalty) == 0
                && Double.compare(presencePenalty, that.presencePenalty) == 0
                && seed == that.seed;
    }

    @Override
    public int hashCode() {
        return Objects.hash(temperature, topK, topP, minP, repeatPenalty, frequencyPenalty, presencePenalty, seed);
    }

    @Override
    public String toString() {
        return "Sampling[temperature=" + temperature + ", topK=" + topK + ", topP=" + topP + ", minP=" + minP
                + ", repeatPenalty=" + repeatPenalty + ", frequencyPenalty=" + frequencyPenalty
                + ", presencePenalty=" + presencePenalty + ", seed=" + seed + "]";
    }

    /** Collects how to draw. */
    public static final class Builder {

        private double temperature;
        private int topK;
        private double topP = 1;
        private double minP;
        private double repeatPenalty = 1;
        private double frequencyPenalty;
        private double presencePenalty;
        private int seed;

        private Builder() {}

        /** Sets {@link Sampling#temperature}. */
        public Builder temperature(double newTemperature) {
            this.temperature = newTemperature;
            return this;
        }

        /** Sets {@link Sampling#topK}. */
        public Builder topK(int newTopK) {
            this.topK = newTopK;
            return this;
        }

        /** Sets {@link Sampling#topP}. */
        public Builder topP(double newTopP) {
            this.topP = newTopP;
            return this;
        }

        /** Sets {@link Sampling#minP}. */
        public Builder minP(double newMinP) {
            this.minP = newMinP;
            return this;
        }

        /** Sets {@link Sampling#repeatPenalty}. */
        public Builder repeatPenalty(double newRepeatPenalty) {
            this.repeatPenalty = newRepeatPenalty;
            return this;
        }

        /** Sets {@link Sampling#frequencyPenalty}. */
        public Builder frequencyPenalty(double newFrequencyPenalty) {
            this.frequencyPenalty = newFrequencyPenalty;
            return this;
        }

        /** Sets {@link Sampling#presencePenalty}. */
        public Builder presencePenalty(double newPresencePenalty) {
            this.presencePenalty = newPresencePenalty;
            return this;
        }

        /** Sets {@link Sampling#seed}. */
        public Builder seed(int newSeed) {
            this.seed = newSeed;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if one is null that must not be, or out of its range
         */
        public Sampling build() {
            return new Sampling(this);
        }
    }
}
