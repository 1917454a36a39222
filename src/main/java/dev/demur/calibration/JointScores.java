package dev.demur.calibration;

import dev.demur.arguments.Given;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.ScoredPrompts;
import java.util.List;

/**
 * The one number of a prompt by which a policy refuses it at all: of two prompts the one that scores higher is refused
 * first as all thresholds fall together.
 *
 * <p>By {@code sum} it is &Sigma; p_c, refused from the threshold on. By {@code logit-bias} it is max_c(z_c + b_c) -
 * z_respond, and by the other rules max_c(logit s_c - logit T_c), both refused from 0 on; thresholds of 0 and 1 have no
 * log-odds to shift and stand still. Prompts that are refused wherever the thresholds lie score +inf.
 */
public final class JointScores {

    private JointScores() {}

    /** The scores of the given rows. */
    public static double[] of(ScoredPrompts prompts, RefusalPolicy policy, int[] rows) {
        Given.value(prompts, "prompts");
        Given.value(policy, "policy");
        Given.value(rows, "rows");
        PolicySweep sweep = switch (policy.rule()) {
            case SUM -> new ThresholdSweep(prompts, policy, 0);
            case LOGIT_BIAS -> new BiasSweep(prompts, policy);
            default -> new SharedShiftSweep(prompts, policy, movable(policy));
        };
        return sweep.scores(rows);
    }

    /** The categories with a threshold that has finite log-odds. */
    private static List<String> movable(RefusalPolicy policy) {
        return policy.categories().stream()
                .filter(category -> {
                    Double threshold = category.threshold();
                    return threshold != null && threshold > 0 && threshold < 1;
                })
                .map(CategoryPolicy::id)
                .toList();
    }
}
