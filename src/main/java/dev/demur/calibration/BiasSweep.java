package dev.demur.calibration;

import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.ScoredPrompts;
import org.jspecify.annotations.Nullable;

/**
 * The biases of the rule {@code logit-bias}, moved together: the score is max_c(z_c + b_c) - z_respond, and a shift of
 * minus the boundary makes that boundary a tie.
 *
 * <p>A row with a respond probability of 0 is refused whatever the biases and scores +inf; one whose categories all have
 * probability 0 is never refused and scores -inf.
 */
record BiasSweep(ScoredPrompts prompts, RefusalPolicy start) implements PolicySweep {

    /** More than any two logits of a model lie apart, so that it decides every row that can be decided. */
    private static final double LARGEST_SHIFT = 1e6;

    /** Upper bound of -ln p for a double p &gt; 0. */
    private static final double LARGEST_LOG = 746;

    @Override
    public double[] scores(int[] rows) {
        double[] scores = prompts.scores(start, 0, rows);
        int respond = prompts.labels().respondIndex();
        for (int i = 0; i < rows.length; i++) {
            if (prompts.probability(rows[i], respond) == 0) {
                scores[i] = Double.POSITIVE_INFINITY;
            }
        }
        return scores;
    }

    @Override
    public @Nullable Setting refusingAbove(double boundary) {
        return boundary == Double.POSITIVE_INFINITY ? null : shifted(-boundary - rounding(boundary));
    }

    @Override
    public @Nullable Setting refusingFrom(double boundary) {
        return canRefuseFrom(boundary) ? shifted(-boundary + rounding(boundary)) : null;
    }

    @Override
    public boolean canRefuseFrom(double boundary) {
        return boundary > Double.NEGATIVE_INFINITY;
    }

    /**
     * More than z_c + (b_c + shift) - z_respond can round away, each operation half an ulp of numbers no larger than the
     * sum below; so rounding brings no row to the wrong side of the boundary.
     */
    private double rounding(double boundary) {
        double largest = 2 * LARGEST_LOG * start.temperature();
        for (CategoryPolicy category : start.categories()) {
            largest += Math.abs(bias(category));
        }
        return Double.isInfinite(boundary) ? 0 : 0x1p-48 * (largest + Math.abs(boundary));
    }

    private Setting shifted(double shift) {
        double bounded = Math.max(-LARGEST_SHIFT, Math.min(LARGEST_SHIFT, shift));
        RefusalPolicy policy = start;
        for (CategoryPolicy category : start.categories()) {
            policy = policy.withBias(category.id(), bias(category) + bounded);
        }
        return new Setting(policy, bounded);
    }

    private static double bias(CategoryPolicy category) {
        Double bias = category.bias();
        return bias == null ? 0 : bias;
    }

    /** The rule knows no thresholds: the biases stay as they are. */
    @Override
    public RefusalPolicy off() {
        return start;
    }
}
