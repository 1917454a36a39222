package dev.demur.calibration;

import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to calibrate.
 */
public final class CalibrationRequest {

    private final Rule rule;
    private final Objective objective;
    private final boolean joint;
    private final List<String> categories;
    private final @Nullable RefusalPolicy start;
    private final boolean keepUnpromised;

    private CalibrationRequest(Builder from) {
        this.rule = from.rule;
        this.objective = from.objective;
        this.joint = from.joint;
        this.categories = List.copyOf(from.categories);
        this.start = from.start;
        this.keepUnpromised = from.keepUnpromised;
        if (categories.stream().distinct().count() < categories.size()) {
            throw new IllegalArgumentException("categories: one is named twice in " + categories);
        }
        if (!categories.isEmpty() && (rule == Rule.SUM || rule == Rule.LOGIT_BIAS)) {
            throw new IllegalArgumentException("categories: the rule " + rule.id()
                    + " calibrates all categories with one number; leave the categories out");
        }
    }

    /** Every category by itself, from the rule's defaults. */
    public static Builder builder(Rule rule, Objective objective) {
        return new Builder(rule, objective);
    }

    /** A builder that begins with these. */
    public Builder toBuilder() {
        Builder builder = new Builder(rule, objective);
        builder.joint = joint;
        builder.categories = categories;
        builder.start = start;
        builder.keepUnpromised = keepUnpromised;
        return builder;
    }

    /** The rule of the policy to be. */
    public Rule rule() {
        return rule;
    }

    /** What the thresholds are chosen for. */
    public Objective objective() {
        return objective;
    }

    /** Whether one shared shift is chosen for the rate of being refused at all, instead of each threshold for itself; the rules {@code sum} and {@code logit-bias} have no other rate, so that for them it makes no difference. */
    public boolean joint() {
        return joint;
    }

    /** Ids of the categories to calibrate; empty: those with a threshold in {@code start}, or all without {@code start}. */
    public List<String> categories() {
        return categories;
    }

    /** The policy to start from, from which everything is kept that is not calibrated; null: the rule's defaults, where categories that are not calibrated have no threshold. */
    public @Nullable RefusalPolicy start() {
        return start;
    }

    /** Whether to keep the threshold of {@code start} where no promise is possible, in place of removing it. */
    public boolean keepUnpromised() {
        return keepUnpromised;
    }

    /** Every category by itself, from the rule's defaults. */
    public static CalibrationRequest of(Rule rule, Objective objective) {
        return builder(rule, objective).build();
    }

    public CalibrationRequest jointly() {
        return toBuilder().joint(true).build();
    }

    public CalibrationRequest withCategories(List<String> ids) {
        return toBuilder().categories(ids).build();
    }

    public CalibrationRequest from(RefusalPolicy policy) {
        return toBuilder().start(policy).build();
    }

    public CalibrationRequest keepingUnpromised() {
        return toBuilder().keepUnpromised(true).build();
    }

    /** Collects what to calibrate. */
    public static final class Builder {

        private final Rule rule;
        private final Objective objective;
        private boolean joint;
        private List<String> categories = List.of();
        private @Nullable RefusalPolicy start;
        private boolean keepUnpromised;

        private Builder(Rule rule, Objective objective) {
            this.rule = rule;
            this.objective = objective;
        }

        /** Sets {@link CalibrationRequest#joint}. */
        public Builder joint(boolean newJoint) {
            this.joint = newJoint;
            return this;
        }

        /** Sets {@link CalibrationRequest#categories}. */
        public Builder categories(List<String> newCategories) {
            this.categories = newCategories;
            return this;
        }

        /** Sets {@link CalibrationRequest#start}. */
        public Builder start(@Nullable RefusalPolicy newStart) {
            this.start = newStart;
            return this;
        }

        /** Sets {@link CalibrationRequest#keepUnpromised}. */
        public Builder keepUnpromised(boolean newKeepUnpromised) {
            this.keepUnpromised = newKeepUnpromised;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if one is null that must not be, or out of its range
         */
        public CalibrationRequest build() {
            return new CalibrationRequest(this);
        }
    }
}
