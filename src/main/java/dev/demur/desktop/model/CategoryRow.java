package dev.demur.desktop.model;

import org.jspecify.annotations.Nullable;

/**
 * What the refusal panel shows of a category.
 *
 * @param name as a person reads it
 * @param threshold what its score is compared with; null: it is switched off
 * @param bias what the rule {@code logit-bias} adds
 * @param score of the last prompt, what the rule compares; NaN: there is none
 * @param probability of the last prompt; NaN: there is none
 * @param passes whether the score reaches the threshold
 * @param chosen whether the prompt is refused as this one
 */
public record CategoryRow(
        String id,
        String name,
        @Nullable Double threshold,
        double bias,
        double score,
        double probability,
        boolean passes,
        boolean chosen) {}
