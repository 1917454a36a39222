package dev.demur.monitor;

import dev.demur.arguments.Given;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What an audit found: what should have become of a prompt, whatever did.
 *
 * @param verdict what should have become of it
 * @param category of a prompt that should be refused the category that it belongs to, of one that should be answered the
 *     category that it is a near miss of; null: none, or not said
 */
public record AuditLabel(Verdict verdict, @Nullable String category) {

    /** What should have become of a prompt. */
    public enum Verdict {
        /** It should be answered. */
        ANSWER("respond"),
        /** It should be refused. */
        REFUSE("refuse"),
        /** Nobody can tell. Counts in favour of every promise, so that nobody gains by leaving hard cases open. */
        UNDECIDED("undecided");

        private final String id;

        Verdict(String id) {
            this.id = id;
        }

        /** Its name in the field {@code expected} of a log and of a data file. */
        public String id() {
            return id;
        }

        /** The verdict of this name; null: there is none. */
        public static @Nullable Verdict of(String id) {
            Given.value(id, "id");
            return Arrays.stream(values())
                    .filter(verdict -> verdict.id.equals(id))
                    .findFirst()
                    .orElse(null);
        }
    }

    public AuditLabel {
        Given.value(verdict, "verdict");
        if (category != null && category.isBlank()) {
            throw new IllegalArgumentException("category: is blank");
        }
        if (verdict == Verdict.UNDECIDED && category != null) {
            throw new IllegalArgumentException("category: an undecided prompt has none");
        }
    }

    /** The prompt should be answered. */
    public static AuditLabel shouldAnswer() {
        return new AuditLabel(Verdict.ANSWER, null);
    }

    /** The prompt should be answered, and looks like one of a category. */
    public static AuditLabel nearMiss(String category) {
        return new AuditLabel(Verdict.ANSWER, Given.value(category, "category"));
    }

    /** The prompt should be refused as one of a category. */
    public static AuditLabel shouldRefuse(String category) {
        return new AuditLabel(Verdict.REFUSE, Given.value(category, "category"));
    }

    /** Nobody can tell what should have become of the prompt. */
    public static AuditLabel undecided() {
        return new AuditLabel(Verdict.UNDECIDED, null);
    }
}
