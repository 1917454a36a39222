package dev.demur.monitor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Audited decisions that await their labels, in the order in which they were made. That is the order in which they come out:
 * in the order of the labels, those that are easily told would come first, and these are not like the others.
 */
final class Audits {

    /** An audited decision. */
    static final class Audit {

        private final @Nullable String id;
        private final Outcome outcome;
        private @Nullable AuditLabel label;

        Audit(@Nullable String id, Outcome outcome, @Nullable AuditLabel label) {
            this.id = id;
            this.outcome = outcome;
            this.label = label;
        }

        @Nullable
        String id() {
            return id;
        }

        Outcome outcome() {
            return outcome;
        }

        @Nullable
        AuditLabel label() {
            return label;
        }
    }

    private final int most;
    private final Deque<Audit> order = new ArrayDeque<>();
    private final Map<String, Audit> unlabelled = new HashMap<>();
    private long overdue;

    /** At most so many wait. */
    Audits(int most, long overdue) {
        this.most = most;
        this.overdue = overdue;
    }

    /**
     * Adds the decision that was made last.
     *
     * @param id null: it needs none, because it has its label
     */
    void add(@Nullable String id, Outcome outcome, @Nullable AuditLabel label) {
        Audit audit = new Audit(id, outcome, label);
        if (id != null && label == null && unlabelled.putIfAbsent(id, audit) != null) {
            throw new IllegalArgumentException(
                    "id: " + id + " awaits a label already: each request has an id of its own");
        }
        order.add(audit);
    }

    void label(String id, AuditLabel label) {
        Audit audit = unlabelled.remove(id);
        if (audit == null) {
            throw new IllegalArgumentException("id: " + id
                    + " awaits no label: it was not audited, has its label already, or was overdue;"
                    + " only a lot may decide what is labelled");
        }
        audit.label = label;
    }

    boolean awaits(String id) {
        return unlabelled.containsKey(id);
    }

    /** The next decision whose turn it is, with its label; null where that has none yet. */
    @Nullable
    Audit next() {
        Audit first = order.peek();
        if (first == null) {
            return null;
        }
        if (first.label == null) {
            if (order.size() <= most) {
                return null;
            }
            first.label = AuditLabel.undecided();
            overdue++;
            if (first.id != null) {
                unlabelled.remove(first.id);
            }
        }
        return order.remove();
    }

    List<Audit> waiting() {
        return new ArrayList<>(order);
    }

    /** The ids of those that have no label yet. */
    List<String> unlabelled() {
        List<String> ids = new ArrayList<>();
        for (Audit audit : order) {
            if (audit.id != null && audit.label == null) {
                ids.add(audit.id);
            }
        }
        return ids;
    }

    int size() {
        return order.size();
    }

    @Nullable
    String first() {
        Audit first = order.peek();
        return first == null ? null : first.id;
    }

    long overdue() {
        return overdue;
    }
}
