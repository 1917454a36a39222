package dev.demur.jinja;

/**
 * How much one rendering may do, on top of what the size of its input allows.
 *
 * @param steps expressions and statements evaluated, and 16 characters walked over, each
 * @param text characters of all texts made, those thrown away too
 * @param items places in all lists and mappings made, those thrown away too; an entry of a mapping and a character made a text
 *     of its own take {@value #LARGE_ITEM}
 * @param output characters of the rendered text
 */
public record Limits(long steps, long text, long items, long output) {

    /** Enough for long conversations with tools; a second and some 100 MB at worst. */
    public static final Limits DEFAULTS = new Limits(10_000_000, 32_000_000, 4_000_000, 16_000_000);

    /** What each character or item of the input adds to what may be done: templates copy messages several times. */
    static final int PER_INPUT = 64;

    /** What takes more memory than a place in a list counts for. */
    static final int LARGE_ITEM = 8;

    public Limits {
        if (steps < 1 || text < 1 || items < 1 || output < 1) {
            throw new IllegalArgumentException("limits must be positive: steps " + steps + ", text " + text + ", items "
                    + items + ", output " + output);
        }
    }
}
