package dev.demur.jinja;

import org.jspecify.annotations.Nullable;

/**
 * A value for a template whose text is to be found again in what is rendered, however the template transforms it.
 *
 * @param value what {@link JinjaTemplate#render} takes; all texts, keys and numbers within it carry the mark
 * @param mark where it comes from, 1 or more; 0 is the template itself
 */
public record Marked(@Nullable Object value, int mark) {

    public Marked {
        if (mark < 1) {
            throw new IllegalArgumentException("a mark is 1 or more: " + mark);
        }
    }
}
