package dev.demur;

import dev.demur.llama.Sampling;
import dev.demur.policy.RefusalPolicy;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How to answer one request.
 *
 * @param policy what decides; null for the model's own, {@link Demur#policy()}
 * @param sampling how the text after the first position is drawn
 * @param maxTokens the most tokens of text
 */
public record GenerationOptions(@Nullable RefusalPolicy policy, Sampling sampling, int maxTokens) {

    /** The model's own policy, greedy text, at most 256 tokens. */
    public static final GenerationOptions DEFAULTS = new GenerationOptions(null, Sampling.GREEDY, 256);

    public GenerationOptions {
        Objects.requireNonNull(sampling, "sampling");
        if (maxTokens < 0) {
            throw new IllegalArgumentException("max tokens is " + maxTokens + ": it must be 0 or more");
        }
    }

    public GenerationOptions withPolicy(RefusalPolicy newPolicy) {
        return new GenerationOptions(newPolicy, sampling, maxTokens);
    }

    public GenerationOptions withSampling(Sampling newSampling) {
        return new GenerationOptions(policy, newSampling, maxTokens);
    }

    public GenerationOptions withMaxTokens(int newMaxTokens) {
        return new GenerationOptions(policy, sampling, newMaxTokens);
    }
}
