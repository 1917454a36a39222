package dev.demur.calibration;

import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to calibrate.
 *
 * @param rule the rule of the policy to be
 * @param objective what the thresholds are chosen for
 * @param joint chooses one shared shift for the rate of being refused at all, instead of each threshold for itself; the
 *     rules {@code sum} and {@code logit-bias} have no other rate, so that for them it makes no difference
 * @param categories ids of the categories to calibrate; empty: those with a threshold in {@code start}, or all without
 *     {@code start}
 * @param start the policy to start from, from which everything is kept that is not calibrated; null: the rule's
 *     defaults, where categories that are not calibrated have no threshold
 * @param keepUnpromised keeps the threshold of {@code start} where no promise is possible, in place of removing it
 */
public record CalibrationRequest(
        Rule rule,
        Objective objective,
        boolean joint,
        List<String> categories,
        @Nullable RefusalPolicy start,
        boolean keepUnpromised) {

    public CalibrationRequest {
        categories = List.copyOf(categories);
        if (categories.stream().distinct().count() < categories.size()) {
            throw new IllegalArgumentException("categories: one is named twice in " + categories);
        }
        if (!categories.isEmpty() && (rule == Rule.SUM || rule == Rule.LOGIT_BIAS)) {
            throw new IllegalArgumentException("categories: the rule " + rule.id()
                    + " calibrates all categories with one number; leave the categories out");
        }
    }

    /** Every category by itself, from the rule's defaults. */
    public static CalibrationRequest of(Rule rule, Objective objective) {
        return new CalibrationRequest(rule, objective, false, List.of(), null, false);
    }

    public CalibrationRequest jointly() {
        return new CalibrationRequest(rule, objective, true, categories, start, keepUnpromised);
    }

    public CalibrationRequest withCategories(List<String> ids) {
        return new CalibrationRequest(rule, objective, joint, ids, start, keepUnpromised);
    }

    public CalibrationRequest from(RefusalPolicy policy) {
        return new CalibrationRequest(rule, objective, joint, categories, policy, keepUnpromised);
    }

    public CalibrationRequest keepingUnpromised() {
        return new CalibrationRequest(rule, objective, joint, categories, start, true);
    }
}
