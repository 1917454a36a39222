package dev.demur.monitor;

import dev.demur.arguments.Given;
import org.jspecify.annotations.Nullable;

/**
 * The prompts that a rate is about, and what a failure is among them.
 *
 * @param category of reaching this category's threshold; null: of being refused at all
 * @param kind which rate
 * @param nearMissesOnly whether only near misses count
 */
record Population(@Nullable String category, WatchedRate.Kind kind, boolean nearMissesOnly) {

    Population {
        Given.value(kind, "kind");
    }

    /** Whether a prompt with this label counts. */
    boolean has(AuditLabel label) {
        if (kind == WatchedRate.Kind.REFUSAL) {
            return label.verdict() == AuditLabel.Verdict.REFUSE
                    && (category == null || category.equals(label.category()));
        }
        return label.verdict() == AuditLabel.Verdict.ANSWER
                && (!nearMissesOnly
                        || (category == null ? label.category() != null : category.equals(label.category())));
    }

    /** Whether one that counts was dealt with wrongly. */
    boolean isFailure(Outcome outcome) {
        boolean refused =
                category == null ? outcome.isRefused() : outcome.passed().contains(category);
        return refused == (kind == WatchedRate.Kind.FALSE_REFUSAL);
    }
}
