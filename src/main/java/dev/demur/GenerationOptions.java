package dev.demur;

import dev.demur.arguments.Given;
import dev.demur.grammar.Grammar;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Sampling;
import dev.demur.policy.RefusalPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to answer one request: {@link #DEFAULTS}, and what the withers change of it. Immutable.
 */
public final class GenerationOptions {

    /** The most stop strings of a request: each of them is looked for at every token. */
    public static final int MOST_STOP_STRINGS = 64;

    /** The model's own policy, greedy text without a repeat penalty ({@link Sampling} says what that means), at most 256 tokens, no stop strings. */
    public static final GenerationOptions DEFAULTS = builder().build();

    private final @Nullable RefusalPolicy policy;
    private final Sampling sampling;
    private final int maxTokens;
    private final List<String> stopStrings;
    private final @Nullable Grammar grammar;
    private final @Nullable Cancellation cancellation;

    private GenerationOptions(Builder from) {
        this.policy = from.policy;
        this.sampling = from.sampling;
        this.maxTokens = from.maxTokens;
        this.stopStrings = Given.list(from.stopStrings, "stop strings");
        this.grammar = from.grammar;
        this.cancellation = from.cancellation;
        Given.value(sampling, "sampling");
        if (maxTokens < 0) {
            throw new IllegalArgumentException("max tokens is " + maxTokens + ": it must be 0 or more");
        }
        if (stopStrings.size() > MOST_STOP_STRINGS) {
            throw new IllegalArgumentException("there are " + stopStrings.size() + " stop strings: at most "
                    + MOST_STOP_STRINGS + " may be given");
        }
        for (String stop : stopStrings) {
            requireText(stop);
        }
    }

    /** Begins with what {@link #DEFAULTS} have. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that begins with these. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.policy = policy;
        builder.sampling = sampling;
        builder.maxTokens = maxTokens;
        builder.stopStrings = stopStrings;
        builder.grammar = grammar;
        builder.cancellation = cancellation;
        return builder;
    }

    /** What decides; null for the model's own, {@link Demur#policy()}. */
    public @Nullable RefusalPolicy policy() {
        return policy;
    }

    /** How the text after the first position is drawn. */
    public Sampling sampling() {
        return sampling;
    }

    /** The most tokens of text; 0 only decides. The context may hold fewer. */
    public int maxTokens() {
        return maxTokens;
    }

    /** Each ends the text where it comes, and is no part of it; at most {@value #MOST_STOP_STRINGS}, none empty. */
    public List<String> stopStrings() {
        return stopStrings;
    }

    /** What the text after the first position must follow; null for any text. */
    public @Nullable Grammar grammar() {
        return grammar;
    }

    /** Ends the request from another thread, as an interrupt of the thread that generates does; null for none. */
    public @Nullable Cancellation cancellation() {
        return cancellation;
    }

    /** Whether the likeliest token is taken each time, with nothing else to be looked at. */
    boolean isGreedy() {
        boolean penalised =
                sampling.repeatPenalty() != 1 || sampling.frequencyPenalty() != 0 || sampling.presencePenalty() != 0;
        return sampling.temperature() == 0 && !penalised && grammar == null;
    }

    private static void requireText(String stop) {
        if (stop.isEmpty()) {
            throw new IllegalArgumentException("a stop string is empty: it would end every text before it begins");
        }
        if (stop.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new IllegalArgumentException("a stop string holds half a character (a lone surrogate)");
        }
    }

    /** The same with another policy. */
    public GenerationOptions withPolicy(@Nullable RefusalPolicy newPolicy) {
        return toBuilder().policy(newPolicy).build();
    }

    /** The same with another way to draw. */
    public GenerationOptions withSampling(Sampling newSampling) {
        return toBuilder().sampling(newSampling).build();
    }

    /** The same with another limit. */
    public GenerationOptions withMaxTokens(int newMaxTokens) {
        return toBuilder().maxTokens(newMaxTokens).build();
    }

    /** The same with these stop strings instead. */
    public GenerationOptions withStopStrings(List<String> newStopStrings) {
        return toBuilder().stopStrings(newStopStrings).build();
    }

    /** The same with another grammar. */
    public GenerationOptions withGrammar(@Nullable Grammar newGrammar) {
        return toBuilder().grammar(newGrammar).build();
    }

    /** The same, to be ended by this. */
    public GenerationOptions withCancellation(@Nullable Cancellation newCancellation) {
        return toBuilder().cancellation(newCancellation).build();
    }

    private Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("policy", policy);
        values.put("sampling", sampling);
        values.put("maxTokens", maxTokens);
        values.put("stopStrings", stopStrings);
        values.put("grammar", grammar);
        values.put("cancellation", cancellation);
        return values;
    }

    /** Whether both say the same; of what cancels only the same object is. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GenerationOptions that && values().equals(that.values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return "GenerationOptions" + values().entrySet();
    }

    /** Collects options of a request. */
    public static final class Builder {

        private @Nullable RefusalPolicy policy;
        private Sampling sampling = Sampling.GREEDY;
        private int maxTokens = 256;
        private List<String> stopStrings = List.of();
        private @Nullable Grammar grammar;
        private @Nullable Cancellation cancellation;

        private Builder() {}

        /** Sets {@link GenerationOptions#policy}. */
        public Builder policy(@Nullable RefusalPolicy newPolicy) {
            this.policy = newPolicy;
            return this;
        }

        /** Sets {@link GenerationOptions#sampling}. */
        public Builder sampling(Sampling newSampling) {
            this.sampling = newSampling;
            return this;
        }

        /** Sets {@link GenerationOptions#maxTokens}. */
        public Builder maxTokens(int newMaxTokens) {
            this.maxTokens = newMaxTokens;
            return this;
        }

        /** Sets {@link GenerationOptions#stopStrings}. */
        public Builder stopStrings(List<String> newStopStrings) {
            this.stopStrings = newStopStrings;
            return this;
        }

        /** Sets {@link GenerationOptions#grammar}. */
        public Builder grammar(@Nullable Grammar newGrammar) {
            this.grammar = newGrammar;
            return this;
        }

        /** Sets {@link GenerationOptions#cancellation}. */
        public Builder cancellation(@Nullable Cancellation newCancellation) {
            this.cancellation = newCancellation;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if one is null that must not be, or out of its range
         */
        public GenerationOptions build() {
            return new GenerationOptions(this);
        }
    }
}
