package dev.demur.jinja;

import java.util.Arrays;
import java.util.List;

/**
 * A text of which each character's origin is known.
 *
 * <p>Positions are Java's, in UTF-16; {@link #points} and {@link #offset} lead from and to Python's, in characters.
 */
final class Text implements Value {

    private static final int[] NO_RUNS = {};

    static final Text EMPTY = new Text("", NO_RUNS, NO_RUNS, false);

    private final String string;

    /** Where each run of characters with the same mark ends; the last one at the end of the text. */
    private final int[] ends;

    /** The mark of each run; no two that follow one another are the same. */
    private final int[] marks;

    private final boolean markup;
    private int points = -1;

    Text(String string, int[] ends, int[] marks, boolean markup) {
        this.string = string;
        this.ends = ends;
        this.marks = marks;
        this.markup = markup;
    }

    /** A text of the template's own. */
    static Text of(String string) {
        return of(string, 0);
    }

    static Text of(String string, int mark) {
        return string.isEmpty() ? EMPTY : new Text(string, new int[] {string.length()}, new int[] {mark}, false);
    }

    String string() {
        return string;
    }

    /** The length in UTF-16. */
    int length() {
        return string.length();
    }

    boolean isEmpty() {
        return string.isEmpty();
    }

    /** The length in characters. */
    int points() {
        if (points < 0) {
            points = string.codePointCount(0, string.length());
        }
        return points;
    }

    /** Where a character stands, given its number. */
    int offset(int point) {
        return points() == string.length() ? point : string.offsetByCodePoints(0, point);
    }

    /** Whether it counts as markup, to which other text is added escaped. */
    boolean markup() {
        return markup;
    }

    Text asMarkup(boolean wanted) {
        return wanted == markup ? this : new Text(string, ends, marks, wanted);
    }

    int runs() {
        return ends.length;
    }

    int runEnd(int run) {
        return ends[run];
    }

    int runMark(int run) {
        return marks[run];
    }

    /** The mark of the character at that position. */
    int markAt(int at) {
        if (marks.length == 1) {
            return marks[0];
        }
        int found = Arrays.binarySearch(ends, at + 1);
        return marks[found >= 0 ? found : -found - 1];
    }

    /** The first mark in a range that is not the template's; 0 where there is none. */
    int markWithin(int from, int to) {
        int start = 0;
        for (int run = 0; run < ends.length && start < to; run++) {
            if (ends[run] > from && marks[run] != 0) {
                return marks[run];
            }
            start = ends[run];
        }
        return 0;
    }

    /** The first mark that is not the template's; 0 where there is none. */
    int anyMark() {
        return markWithin(0, string.length());
    }

    /** A part, by positions in UTF-16. */
    Text slice(Run run, int from, int to) {
        if (from >= to) {
            return EMPTY.asMarkup(markup);
        }
        if (from == 0 && to == string.length()) {
            return this;
        }
        TextBuilder part = new TextBuilder(run);
        part.append(this, from, to);
        return part.text().asMarkup(markup);
    }

    /** Its characters, each a text. */
    List<Value> characters(Run run) {
        run.items((long) Limits.LARGE_ITEM * points());
        Value[] characters = new Value[points()];
        int at = 0;
        for (int i = 0; i < characters.length; i++) {
            int next = string.offsetByCodePoints(at, 1);
            characters[i] = of(string.substring(at, next), markWithin(at, next));
            at = next;
        }
        return List.of(characters);
    }

    @Override
    public String type() {
        return markup ? "Markup" : "str";
    }

    @Override
    public boolean truth() {
        return !string.isEmpty();
    }
}
