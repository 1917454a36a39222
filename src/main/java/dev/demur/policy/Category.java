package dev.demur.policy;

import java.util.Set;

/**
 * A kind of request that may be refused.
 *
 * @param id short name used in policies, options and reports, as {@code safety}; not blank, not reserved
 * @param name what a person is shown
 */
public record Category(String id, String name) {

    /** What other things are called where a category's id might stand. */
    private static final Set<String> RESERVED_IDS = Set.of(Labels.RESPOND, "none", "sum");

    public Category {
        requireId(id);
        requireText("name", name);
    }

    static void requireId(String id) {
        requireText("id", id);
        if (RESERVED_IDS.contains(id)) {
            throw new IllegalArgumentException("id: " + Quote.of(id) + " is reserved and names no category");
        }
    }

    static void requireText(String field, String text) {
        Given.value(text, field);
        if (text.isBlank()) {
            throw new IllegalArgumentException(field + ": is blank");
        }
    }
}
