package dev.demur.monitor;

import dev.demur.policy.Given;
import java.util.ArrayList;
import java.util.List;

/**
 * How a monitor watches. Immutable.
 *
 * @param level in (0, 1): the probability, over all time, of any alarm about a rate although all promises hold; all promises
 *     share it alike
 * @param driftLevel in (0, 1): the probability, over all time, of any alarm about drift although there is none; all numbers
 *     share it alike
 * @param audit which decisions are labelled
 * @param limits rates to watch besides those that the policy promises
 * @param mostWaiting how many audited decisions may await a label; of more the earliest is taken for undecided
 * @param seed of the lot that breaks ties between equal scores; the same seed and data give the same report
 */
public record MonitorOptions(
        double level, double driftLevel, AuditPlan audit, List<WatchedRate> limits, int mostWaiting, long seed) {

    /** A level of 0.05 for rates and 0.05 for drift, every decision labelled, no limits besides the policy's promises. */
    public static final MonitorOptions DEFAULTS = new MonitorOptions(0.05, 0.05, AuditPlan.ALL, List.of(), 10_000, 1);

    public MonitorOptions {
        requireLevel("level", level);
        requireLevel("driftLevel", driftLevel);
        Given.value(audit, "audit");
        limits = Given.list(limits, "limits");
        if (mostWaiting < 1) {
            throw new IllegalArgumentException("mostWaiting: " + mostWaiting + " is not at least 1");
        }
    }

    private static void requireLevel(String name, double level) {
        if (!(level > 0 && level < 1)) {
            throw new IllegalArgumentException(name + ": " + level + " is not between 0 and 1");
        }
    }

    /** The same with another probability of a false alarm about a rate. */
    public MonitorOptions withLevel(double newLevel) {
        return new MonitorOptions(newLevel, driftLevel, audit, limits, mostWaiting, seed);
    }

    /** The same with another probability of a false alarm about drift. */
    public MonitorOptions withDriftLevel(double newLevel) {
        return new MonitorOptions(level, newLevel, audit, limits, mostWaiting, seed);
    }

    /** The same with another audit. */
    public MonitorOptions withAudit(AuditPlan newAudit) {
        return new MonitorOptions(level, driftLevel, newAudit, limits, mostWaiting, seed);
    }

    /** The same with one more rate to watch. */
    public MonitorOptions withLimit(WatchedRate limit) {
        List<WatchedRate> more = new ArrayList<>(limits);
        more.add(Given.value(limit, "limit"));
        return new MonitorOptions(level, driftLevel, audit, more, mostWaiting, seed);
    }

    /** The same with another number of decisions that may await a label. */
    public MonitorOptions withMostWaiting(int most) {
        return new MonitorOptions(level, driftLevel, audit, limits, most, seed);
    }

    /** The same with another seed. */
    public MonitorOptions withSeed(long newSeed) {
        return new MonitorOptions(level, driftLevel, audit, limits, mostWaiting, newSeed);
    }
}
