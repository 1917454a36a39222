package dev.demur.calibration;

import dev.demur.arguments.Given;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to calibrate, and for what: {@link #of}, and what the other methods change of it. Immutable.
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
        this.categories = Given.list(from.categories, "categories");
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
        Given.value(rule, "rule");
        Given.value(objective, "objective");
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

    /**
     * Whether one shift is chosen for all thresholds, by how often a prompt is refused at all; else each threshold is chosen by
     * itself. The rules {@code sum} and {@code logit-bias} have one number for all categories, and this changes nothing for them.
     */
    public boolean joint() {
        return joint;
    }

    /** The ids of the categories to calibrate; empty: those with a threshold in {@link #start}, or all where there is no such policy. */
    public List<String> categories() {
        return categories;
    }

    /**
     * The policy to start from: what is not calibrated stays as it is there. Null: none; categories that are not calibrated then
     * have no threshold.
     */
    public @Nullable RefusalPolicy start() {
        return start;
    }

    /** Whether a category that nothing can be promised for keeps its threshold of {@link #start}; else it has none. */
    public boolean keepUnpromised() {
        return keepUnpromised;
    }

    /** Every category by itself, from the rule's defaults. */
    public static CalibrationRequest of(Rule rule, Objective objective) {
        return builder(rule, objective).build();
    }

    /** The same, with one shared shift chosen for all thresholds. */
    public CalibrationRequest jointly() {
        return toBuilder().joint(true).build();
    }

    /** The same for these categories alone, by their ids; for none of them: all. */
    public CalibrationRequest withCategories(List<String> ids) {
        return toBuilder().categories(ids).build();
    }

    /** The same, starting from a policy, of which all stays that is not calibrated. */
    public CalibrationRequest from(RefusalPolicy policy) {
        return toBuilder().start(Given.value(policy, "policy")).build();
    }

    /** The same, keeping the thresholds of the policy to start from where no promise is possible. */
    public CalibrationRequest keepingUnpromised() {
        return toBuilder().keepUnpromised(true).build();
    }

    private Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("rule", rule);
        values.put("objective", objective);
        values.put("joint", joint);
        values.put("categories", categories);
        values.put("start", start);
        values.put("keepUnpromised", keepUnpromised);
        return values;
    }

    /** Whether both say the same. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CalibrationRequest that && values().equals(that.values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return "CalibrationRequest" + values().entrySet();
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
