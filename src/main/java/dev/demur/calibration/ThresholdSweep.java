package dev.demur.calibration;

import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import org.jspecify.annotations.Nullable;

/** One threshold: a category's, or that of the rule {@code sum}. The score is what the rule compares with it. */
record ThresholdSweep(ScoredPrompts prompts, RefusalPolicy start, int category) implements PolicySweep {

    @Override
    public double[] scores(int[] rows) {
        return prompts.scores(start, category, rows);
    }

    /** Without a threshold nothing is refused, except by {@code top-category}, which then leaves it to the model. */
    @Override
    public @Nullable Setting refusingAbove(double boundary) {
        double threshold = Math.nextUp(boundary);
        if (threshold <= 1) {
            return new Setting(with(threshold), null);
        }
        return start.rule() == Rule.TOP_CATEGORY ? null : new Setting(off(), null);
    }

    @Override
    public @Nullable Setting refusingFrom(double boundary) {
        return canRefuseFrom(boundary) ? new Setting(with(Math.min(1, boundary)), null) : null;
    }

    /** By {@code top-category} no threshold refuses the rows whose top category is another one: they score 0. */
    @Override
    public boolean canRefuseFrom(double boundary) {
        return start.rule() != Rule.TOP_CATEGORY || boundary > 0;
    }

    @Override
    public RefusalPolicy off() {
        return start.rule() == Rule.SUM ? start.withSumThreshold(null) : start.withoutThreshold(id());
    }

    private RefusalPolicy with(double threshold) {
        return start.rule() == Rule.SUM ? start.withSumThreshold(threshold) : start.withThreshold(id(), threshold);
    }

    private String id() {
        return prompts.labels().categories().get(category).id();
    }
}
