package dev.demur.monitor;

import org.jspecify.annotations.Nullable;

/** Failures and successes among audited prompts, apart for refused and answered ones, which may be audited by other shares. */
final class Tally {

    /** Failures among answered and refused prompts, then successes among either. */
    static final int COUNTS = 4;

    private final long[] counts;

    Tally() {
        this(new long[COUNTS]);
    }

    /** As it was. */
    Tally(long[] counts) {
        this.counts = counts.clone();
    }

    void add(boolean failed, boolean refused) {
        counts[(failed ? 0 : 2) + (refused ? 1 : 0)]++;
    }

    long failures() {
        return counts[0] + counts[1];
    }

    long prompts() {
        return failures() + counts[2] + counts[3];
    }

    /** The share of failures among all prompts, audited or not, as far as the sample tells; null: nothing was counted. */
    @Nullable
    Double failureRate(AuditPlan plan) {
        if (prompts() == 0) {
            return null;
        }
        double failures = counts[0] / plan.answered() + counts[1] / plan.refused();
        double successes = counts[2] / plan.answered() + counts[3] / plan.refused();
        return failures / (failures + successes);
    }

    long[] counts() {
        return counts.clone();
    }
}
