package dev.demur;

import dev.demur.grammar.Grammar;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Sampling;
import dev.demur.policy.Given;
import dev.demur.policy.RefusalPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to answer one request: {@link #DEFAULTS}, and what the withers change of it.
 *
 * @param policy what decides; null for the model's own, {@link Demur#policy()}
 * @param sampling how the text after the first position is drawn
 * @param maxTokens the most tokens of text
 * @param stopStrings each ends the text where it comes, and is no part of it; at most {@value #MOST_STOP_STRINGS}, none
 *     empty
 * @param grammar what the text after the first position must follow; null for any text
 * @param cancellation ends the request from another thread, as an interrupt of the thread that generates does; null for none
 */
public record GenerationOptions(
        @Nullable RefusalPolicy policy,
        Sampling sampling,
        int maxTokens,
        List<String> stopStrings,
        @Nullable Grammar grammar,
        @Nullable Cancellation cancellation) {

    /** Each is looked for at every token. */
    public static final int MOST_STOP_STRINGS = 64;

    /** The model's own policy, greedy text, at most 256 tokens, no stop strings. */
    public static final GenerationOptions DEFAULTS =
            new GenerationOptions(null, Sampling.GREEDY, 256, List.of(), null, null);

    public GenerationOptions {
        Given.value(sampling, "sampling");
        stopStrings = Given.list(stopStrings, "stop strings");
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
        return new GenerationOptions(newPolicy, sampling, maxTokens, stopStrings, grammar, cancellation);
    }

    /** The same with another way to draw. */
    public GenerationOptions withSampling(Sampling newSampling) {
        return new GenerationOptions(policy, newSampling, maxTokens, stopStrings, grammar, cancellation);
    }

    /** The same with another limit. */
    public GenerationOptions withMaxTokens(int newMaxTokens) {
        return new GenerationOptions(policy, sampling, newMaxTokens, stopStrings, grammar, cancellation);
    }

    /** The same with these stop strings instead. */
    public GenerationOptions withStopStrings(List<String> newStopStrings) {
        return new GenerationOptions(policy, sampling, maxTokens, newStopStrings, grammar, cancellation);
    }

    /** The same with another grammar. */
    public GenerationOptions withGrammar(@Nullable Grammar newGrammar) {
        return new GenerationOptions(policy, sampling, maxTokens, stopStrings, newGrammar, cancellation);
    }

    /** The same, to be ended by this. */
    public GenerationOptions withCancellation(@Nullable Cancellation newCancellation) {
        return new GenerationOptions(policy, sampling, maxTokens, stopStrings, grammar, newCancellation);
    }
}
