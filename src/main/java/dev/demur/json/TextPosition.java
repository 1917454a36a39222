package dev.demur.json;

/**
 * A place in a text, as a person counts.
 *
 * @param line the line, counted from 1
 * @param column the character within the line, counted from 1
 */
public record TextPosition(int line, int column) {

    /** Where the character with this index stands in {@code text}; its length stands for the end. */
    public static TextPosition of(String text, int at) {
        int line =
                1 + (int) text.substring(0, at).chars().filter(c -> c == '\n').count();
        int start = text.lastIndexOf('\n', at - 1) + 1;
        return new TextPosition(line, 1 + text.codePointCount(start, at));
    }

    @Override
    public String toString() {
        return "line " + line + ", column " + column;
    }
}
