package dev.demur.calibration;

import dev.demur.policy.RefusalPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Policies that differ in one number, in whose order they refuse less and less: a threshold, or a shift of several.
 *
 * <p>Every row has a score; the policy that {@linkplain #refusingFrom refuses from} a boundary refuses the rows whose
 * score is at least the boundary. "Refuses" means that the category's score reaches its threshold, or for a sweep that
 * turns all categories, that the row is refused at all.
 */
interface PolicySweep {

    /** A policy, and the shift that made it; null where a single threshold was set. */
    record Setting(RefusalPolicy policy, @Nullable Double shift) {}

    double[] scores(int[] rows);

    /** Refuses no row whose score is at most the boundary; null if no setting of this sweep does. */
    @Nullable
    Setting refusingAbove(double boundary);

    /** Refuses every row whose score is at least the boundary; null if no setting of this sweep does. */
    @Nullable
    Setting refusingFrom(double boundary);

    /** Whether {@link #refusingFrom} is not null. */
    boolean canRefuseFrom(double boundary);

    /** The policy without a threshold here, as far as its rule has thresholds. */
    RefusalPolicy off();
}
