package dev.demur.calibration;

import dev.demur.DemurException;
import dev.demur.json.ForeignText;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.numeric.Bisection;
import dev.demur.statistics.numeric.LogOdds;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;

/**
 * The thresholds of several categories, moved together by one shift of their log-odds.
 *
 * <p>The score is max_c(logit s_c - logit T_c) over the categories that are turned. Rows that are refused whatever the
 * shift, because another category's threshold or the model's own choice refuses them, score +inf.
 *
 * @param start whose thresholds of the categories that are turned lie between 0 and 1
 * @param turned ids of categories
 */
record SharedShiftSweep(ScoredPrompts prompts, RefusalPolicy start, List<String> turned) implements PolicySweep {

    @Override
    public double[] scores(int[] rows) {
        double[] scores = new double[rows.length];
        Arrays.fill(scores, Double.NEGATIVE_INFINITY);
        for (String id : turned) {
            double[] own = prompts.scores(start, prompts.labels().indexOf(id), rows);
            double threshold = threshold(id);
            for (int i = 0; i < rows.length; i++) {
                scores[i] = Math.max(scores[i], LogOdds.distance(own[i], threshold));
            }
        }
        RefusalPolicy highest = start;
        for (String id : turned) {
            highest = highest.withThreshold(id, 1);
        }
        Decisions always = prompts.decide(highest);
        for (int i = 0; i < rows.length; i++) {
            if (always.refused(rows[i])) {
                scores[i] = Double.POSITIVE_INFINITY;
            }
        }
        return scores;
    }

    private double threshold(String id) {
        Double threshold = start.category(id).map(CategoryPolicy::threshold).orElse(null);
        if (threshold == null || !(threshold > 0 && threshold < 1)) {
            throw new DemurException("categories: " + ForeignText.quoted(id) + " starts from the threshold " + threshold
                    + ", which has no finite log-odds to shift; give it one between 0 and 1");
        }
        return threshold;
    }

    @Override
    public @Nullable Setting refusingAbove(double boundary) {
        if (boundary < Double.POSITIVE_INFINITY) {
            return moved(boundary, distance -> distance > boundary);
        }
        return start.rule() == Rule.TOP_CATEGORY ? null : new Setting(off(), null);
    }

    @Override
    public Setting refusingFrom(double boundary) {
        return moved(boundary, distance -> distance >= boundary);
    }

    @Override
    public boolean canRefuseFrom(double boundary) {
        return true;
    }

    /** Every threshold becomes the smallest whose distance from the one before is as the predicate has it. */
    private Setting moved(double shift, DoublePredicate distance) {
        RefusalPolicy policy = start;
        for (String id : turned) {
            double threshold = threshold(id);
            policy = policy.withThreshold(id, Bisection.smallest(t -> distance.test(LogOdds.distance(t, threshold))));
        }
        return new Setting(policy, Double.isFinite(shift) ? shift : null);
    }

    @Override
    public RefusalPolicy off() {
        RefusalPolicy policy = start;
        for (String id : turned) {
            policy = policy.withoutThreshold(id);
        }
        return policy;
    }
}
