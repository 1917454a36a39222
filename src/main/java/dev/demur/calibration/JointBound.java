package dev.demur.calibration;

import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.ClopperPearson;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What separate promises say about the joint false refusal rate: the sum of the categories' bounds, each at the
 * confidence 1 - (1 - C)/K, by which all K hold at once with confidence C.
 *
 * @param value null: there is no bound
 * @param reason why there is none; null: there is one
 */
record JointBound(@Nullable Double value, @Nullable String reason) {

    static JointBound of(ScoredPrompts prompts, Objective objective, RefusalPolicy policy, List<Calibrated> outcomes) {
        if (!(objective instanceof Objective.FalseRefusal promise)) {
            return none("only a target for the false refusal rate promises one");
        }
        if (promise.nearMissesOnly()) {
            return none("near misses of different categories are different prompts");
        }
        List<Calibrated> promised =
                outcomes.stream().filter(o -> o.bound() != null).toList();
        for (CategoryPolicy category : policy.categories()) {
            boolean unpromised = promised.stream().noneMatch(o -> category.id().equals(o.category()));
            if (category.threshold() != null && unpromised) {
                return none("the threshold of " + category.id() + " promises nothing");
            }
            if (category.threshold() == null && policy.rule() == Rule.TOP_CATEGORY) {
                return none("the rule leaves " + category.id() + ", which has no threshold, to the model");
            }
        }
        if (promised.isEmpty()) {
            return none("no category has a promise");
        }
        double confidence = 1 - (1 - promise.confidence()) / promised.size();
        double sum = 0;
        for (Calibrated outcome : promised) {
            Integer k = outcome.allowed();
            sum += k == null ? 1 : ClopperPearson.upper(k, outcome.rows(), confidence);
        }
        return new JointBound(Math.min(1, sum), null);
    }

    private static JointBound none(String reason) {
        return new JointBound(null, reason);
    }
}
