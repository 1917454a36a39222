package dev.demur.dataset;

import dev.demur.arguments.Given;
import org.jspecify.annotations.Nullable;

/**
 * A prompt of a data set, with what is right to do about it.
 *
 * @param line where it stands in its file, counted from 1, for messages
 * @param id unique in the data set
 * @param category the id of the category that it belongs to, or, where it should be answered, that it is a near miss of;
 *     null: none
 * @param shouldRefuse whether a model should refuse it
 * @param text the prompt itself
 * @param source where it comes from, as the name of a data set; null: that is not known
 */
public record LabelledPrompt(
        long line,
        String id,
        @Nullable String category,
        boolean shouldRefuse,
        String text,
        @Nullable String source) {

    /** A prompt of which it is not known where it comes from. */
    public LabelledPrompt(long line, String id, @Nullable String category, boolean shouldRefuse, String text) {
        this(line, id, category, shouldRefuse, text, null);
    }

    /** The same prompt, from there. */
    public LabelledPrompt withSource(@Nullable String newSource) {
        return new LabelledPrompt(line, id, category, shouldRefuse, text, newSource);
    }

    public LabelledPrompt {
        Given.value(id, "id");
        Given.value(text, "text");
    }
}
