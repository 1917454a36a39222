package dev.demur.monitor;

import dev.demur.arguments.Given;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a monitor watches. Immutable. */
public final class MonitorOptions {

    private static final double DEFAULT_LEVEL = 0.05;
    private static final int DEFAULT_WAITING = 10_000;

    /** A level of 0.05 for rates and 0.05 for drift, every decision labelled, no limits besides the policy's promises. */
    public static final MonitorOptions DEFAULTS = builder().build();

    private final double level;
    private final double driftLevel;
    private final AuditPlan audit;
    private final List<WatchedRate> limits;
    private final int mostWaiting;
    private final long seed;

    private MonitorOptions(Builder from) {
        this.level = from.level;
        this.driftLevel = from.driftLevel;
        this.audit = Given.value(from.audit, "audit");
        this.limits = Given.list(from.limits, "limits");
        this.mostWaiting = from.mostWaiting;
        this.seed = from.seed;
        requireLevel("level", level);
        requireLevel("driftLevel", driftLevel);
        if (mostWaiting < 1) {
            throw new IllegalArgumentException("mostWaiting: " + mostWaiting + " is not at least 1");
        }
    }

    private static void requireLevel(String name, double level) {
        if (!(level > 0 && level < 1)) {
            throw new IllegalArgumentException(name + ": " + level + " is not between 0 and 1");
        }
    }

    /** Begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Begins with these options. */
    public Builder toBuilder() {
        return new Builder()
                .level(level)
                .driftLevel(driftLevel)
                .audit(audit)
                .limits(limits)
                .mostWaiting(mostWaiting)
                .seed(seed);
    }

    /**
     * In (0, 1): the probability, over all time, of any alarm about a rate although all promises hold. All promises share it
     * alike.
     */
    public double level() {
        return level;
    }

    /**
     * In (0, 1): the probability, over all time, of any report of drift although there is none. All numbers share it alike.
     */
    public double driftLevel() {
        return driftLevel;
    }

    /** Which decisions are labelled. */
    public AuditPlan audit() {
        return audit;
    }

    /** Rates to watch besides those that the policy promises. */
    public List<WatchedRate> limits() {
        return limits;
    }

    /** How many audited decisions may await a label; of more the earliest is taken for undecided. */
    public int mostWaiting() {
        return mostWaiting;
    }

    /** Of the lot that breaks ties between equal scores; the same seed and data give the same report. */
    public long seed() {
        return seed;
    }

    /** The same with another probability of a false alarm about a rate. */
    public MonitorOptions withLevel(double newLevel) {
        return toBuilder().level(newLevel).build();
    }

    /** The same with another probability of a false report of drift. */
    public MonitorOptions withDriftLevel(double newLevel) {
        return toBuilder().driftLevel(newLevel).build();
    }

    /** The same with another audit. */
    public MonitorOptions withAudit(AuditPlan newAudit) {
        return toBuilder().audit(newAudit).build();
    }

    /** The same with one more rate to watch. */
    public MonitorOptions withLimit(WatchedRate limit) {
        List<WatchedRate> more = new ArrayList<>(limits);
        more.add(Given.value(limit, "limit"));
        return toBuilder().limits(more).build();
    }

    /** The same with another number of decisions that may await a label. */
    public MonitorOptions withMostWaiting(int newMost) {
        return toBuilder().mostWaiting(newMost).build();
    }

    /** The same with another seed. */
    public MonitorOptions withSeed(long newSeed) {
        return toBuilder().seed(newSeed).build();
    }

    private Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("level", level);
        values.put("driftLevel", driftLevel);
        values.put("audit", audit);
        values.put("limits", limits);
        values.put("mostWaiting", mostWaiting);
        values.put("seed", seed);
        return values;
    }

    /** Whether both say the same. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MonitorOptions that && values().equals(that.values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return "MonitorOptions" + values().entrySet();
    }

    /** Collects options; what is wrong with them {@link #build} says. */
    public static final class Builder {

        private double level = DEFAULT_LEVEL;
        private double driftLevel = DEFAULT_LEVEL;
        private AuditPlan audit = AuditPlan.ALL;
        private List<WatchedRate> limits = List.of();
        private int mostWaiting = DEFAULT_WAITING;
        private long seed = 1;

        private Builder() {}

        /** Sets {@link MonitorOptions#level}. */
        public Builder level(double newLevel) {
            level = newLevel;
            return this;
        }

        /** Sets {@link MonitorOptions#driftLevel}. */
        public Builder driftLevel(double newLevel) {
            driftLevel = newLevel;
            return this;
        }

        /** Sets {@link MonitorOptions#audit}. */
        public Builder audit(AuditPlan newAudit) {
            audit = newAudit;
            return this;
        }

        /** Sets {@link MonitorOptions#limits}. */
        public Builder limits(List<WatchedRate> newLimits) {
            limits = newLimits;
            return this;
        }

        /** Sets {@link MonitorOptions#mostWaiting}. */
        public Builder mostWaiting(int newMost) {
            mostWaiting = newMost;
            return this;
        }

        /** Sets {@link MonitorOptions#seed}. */
        public Builder seed(long newSeed) {
            seed = newSeed;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException naming the one that is out of its range
         */
        public MonitorOptions build() {
            return new MonitorOptions(this);
        }
    }
}
