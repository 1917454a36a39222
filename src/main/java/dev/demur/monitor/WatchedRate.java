package dev.demur.monitor;

import dev.demur.arguments.Given;
import dev.demur.calibration.PromisedBound;
import dev.demur.policy.Calibration;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rate that a monitor watches: one that a policy promises, or a limit that somebody sets besides.
 *
 * @param category the rate of reaching this category's threshold; null: jointly, of being refused at all
 * @param kind which rate
 * @param nearMissesOnly whether it is the rate over near misses alone
 * @param rate in (0, 1): the false refusal rate is at most this, or the refusal rate at least this
 */
public record WatchedRate(@Nullable String category, Kind kind, boolean nearMissesOnly, double rate) {

    /** A rate that can be promised. */
    public enum Kind {
        /** Of prompts that should be answered the share that is refused; at most the rate. */
        FALSE_REFUSAL("false-refusal"),
        /** Of prompts that should be refused the share that is; at least the rate. */
        REFUSAL("refusal");

        private final String id;

        Kind(String id) {
            this.id = id;
        }

        /** The name in JSON, which is that of a calibration's objective. */
        public String id() {
            return id;
        }
    }

    public WatchedRate {
        Given.value(kind, "kind");
        if (!(rate > 0 && rate < 1)) {
            throw new IllegalArgumentException("rate: " + rate + " is not between 0 and 1");
        }
        if (nearMissesOnly && kind == Kind.REFUSAL) {
            throw new IllegalArgumentException("nearMissesOnly: a near miss should be answered, not refused");
        }
    }

    /** The limit "at most this share of the prompts that should be answered is refused", for a category or, by null, jointly. */
    public static WatchedRate falseRefusalAtMost(@Nullable String category, double rate) {
        return new WatchedRate(category, Kind.FALSE_REFUSAL, false, rate);
    }

    /** The limit "at least this share of the prompts that should be refused is", for a category or, by null, jointly. */
    public static WatchedRate refusalAtLeast(@Nullable String category, double rate) {
        return new WatchedRate(category, Kind.REFUSAL, false, rate);
    }

    /**
     * The rates that a policy promises, as its statement words them: the target of the calibration, not the bound a little
     * below it that the calibration reached. Empty for a policy that promises nothing, or was changed since.
     */
    public static List<WatchedRate> promisedBy(RefusalPolicy policy) {
        Double target = target(Given.value(policy, "policy"));
        List<WatchedRate> rates = new ArrayList<>();
        for (PromisedBound promised : PromisedBound.of(policy)) {
            double rate = promised.bound();
            if (target != null && (promised.category() != null || isJoint(policy))) {
                rate = promised.ofFalseRefusals() ? Math.max(rate, target) : Math.min(rate, target);
            }
            if (rate > 0 && rate < 1) { // others cannot be broken
                Kind kind = promised.ofFalseRefusals() ? Kind.FALSE_REFUSAL : Kind.REFUSAL;
                rates.add(new WatchedRate(promised.category(), kind, promised.nearMissesOnly(), rate));
            }
        }
        return rates;
    }

    private static boolean isJoint(RefusalPolicy policy) {
        Calibration calibration = policy.calibration();
        return calibration != null && calibration.isJoint();
    }

    private static @Nullable Double target(RefusalPolicy policy) {
        Calibration calibration = policy.calibration();
        return calibration == null ? null : calibration.target();
    }

    /** What is counted. */
    Population population() {
        return new Population(category, kind, nearMissesOnly);
    }

    /** The most that the rate of failures may be: b. */
    double failureBound() {
        return kind == Kind.FALSE_REFUSAL ? rate : 1 - rate;
    }

    /**
     * The most that the rate of failures among audited prompts may be, where the audit prefers refused or answered ones.
     * The odds of a failure grow by no more than the ratio of the shares by which failures and the rest are audited.
     */
    double auditedBound(AuditPlan plan, Rule rule) {
        double ratio = kind == Kind.FALSE_REFUSAL
                ? refusedShare(plan, rule, true) / unrefusedShare(plan, false)
                : unrefusedShare(plan, true) / refusedShare(plan, rule, false);
        double odds = failureBound() / (1 - failureBound()) * ratio;
        return odds / (1 + odds);
    }

    /** The largest, or smallest, share by which a prompt is audited that reaches the category's threshold. */
    private double refusedShare(AuditPlan plan, Rule rule, boolean largest) {
        // By top-category a category that is not the likeliest reaches a threshold of 0, and need not be refused for
        // that.
        return category == null || rule != Rule.TOP_CATEGORY ? plan.refused() : extreme(plan, largest);
    }

    /** The same of a prompt that does not reach it, which another category may refuse. */
    private double unrefusedShare(AuditPlan plan, boolean largest) {
        return category == null ? plan.answered() : extreme(plan, largest);
    }

    private static double extreme(AuditPlan plan, boolean largest) {
        return largest ? Math.max(plan.refused(), plan.answered()) : Math.min(plan.refused(), plan.answered());
    }
}
