package dev.demur.policy;

import org.jspecify.annotations.Nullable;

/**
 * What a policy says about one category.
 *
 * @param id the category's id
 * @param name what a person is shown; null: not said
 * @param threshold T_c in [0, 1]; null: the category has none and, by the rules that use thresholds, is never forced
 * @param bias b_c, a finite number in logits, used by {@code logit-bias}; null: 0
 * @param reply a fixed answer in place of the model's own words; null: the model writes its refusal
 */
public record CategoryPolicy(
        String id,
        @Nullable String name,
        @Nullable Double threshold,
        @Nullable Double bias,
        @Nullable String reply) {

    public CategoryPolicy {
        Category.requireId(id);
        if (name != null) {
            Category.requireText("name", name);
        }
        if (threshold != null) {
            requireThreshold("threshold", threshold);
        }
        if (bias != null && !Double.isFinite(bias)) {
            throw new IllegalArgumentException("bias: " + bias + " is not a finite number");
        }
    }

    static void requireThreshold(String field, double threshold) {
        if (!(threshold >= 0 && threshold <= 1)) {
            throw new IllegalArgumentException(field + ": " + threshold + " is not in [0, 1]");
        }
    }

    CategoryPolicy withThreshold(@Nullable Double newThreshold) {
        return new CategoryPolicy(id, name, newThreshold, bias, reply);
    }

    CategoryPolicy withBias(@Nullable Double newBias) {
        return new CategoryPolicy(id, name, threshold, newBias, reply);
    }

    CategoryPolicy withReply(@Nullable String newReply) {
        return new CategoryPolicy(id, name, threshold, bias, newReply);
    }
}
