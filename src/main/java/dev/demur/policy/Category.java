package dev.demur.policy;

import dev.demur.arguments.Given;
import dev.demur.json.ForeignText;
import java.util.Set;

/**
 * A kind of request that may be refused.
 *
 * @param id short name used in policies, options and reports, as {@code safety}; not blank, not reserved
 * @param name what a person is shown
 */
public record Category(String id, String name) {

    /** The id of the category of people in distress, who get a reply that cares in place of a refusal. */
    public static final String DISTRESS = "distress";

    /** What other things are called where a category's id might stand. */
    private static final Set<String> RESERVED_IDS = Set.of(Labels.RESPOND, "none", "sum");

    public Category {
        requireId(id);
        requireText("name", name);
    }

    /**
     * Whether the reply to this category is help and no refusal: that of {@value #DISTRESS} is. Such a category goes before
     * all others that reach their thresholds, so that a person in distress is not refused for safety. A policy without a
     * threshold for it switches it off.
     */
    public boolean isCare() {
        return id.equals(DISTRESS);
    }

    static void requireId(String id) {
        requireText("id", id);
        if (RESERVED_IDS.contains(id)) {
            throw new IllegalArgumentException("id: " + ForeignText.quoted(id) + " is reserved and names no category");
        }
    }

    static void requireText(String field, String text) {
        Given.value(text, field);
        if (text.isBlank()) {
            throw new IllegalArgumentException(field + ": is blank");
        }
    }
}
