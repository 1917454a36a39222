package dev.demur.policy;

import java.util.Set;

/**
 * A kind of request that a model was trained to refuse with a token of its own.
 *
 * @param id short name used in policies, options and reports, as {@code safety}; not blank, not reserved
 * @param token text of the refusal token, as {@code [Requests with safety concerns]}
 * @param name what a person is shown
 */
public record Category(String id, String token, String name) {

    /** What other things are called where a category's id might stand. */
    private static final Set<String> RESERVED_IDS = Set.of("respond", "none", "sum");

    public Category {
        requireId(id);
        requireText("token", token);
        requireText("name", name);
    }

    static void requireId(String id) {
        requireText("id", id);
        if (RESERVED_IDS.contains(id)) {
            throw new IllegalArgumentException("id: " + Quote.of(id) + " is reserved and names no category");
        }
    }

    static void requireText(String field, String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException(field + ": is blank");
        }
    }
}
