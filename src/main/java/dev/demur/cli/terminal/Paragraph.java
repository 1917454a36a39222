package dev.demur.cli.terminal;

/** Sentences as lines that fit a terminal. */
public final class Paragraph {

    private static final int WIDTH = 80;

    private Paragraph() {}

    /** The text in lines of at most 80 characters, broken at spaces, each with its end. */
    public static String wrap(String text) {
        StringBuilder lines = new StringBuilder();
        int length = 0;
        for (String word : Text.oneLine(text).split(" ")) {
            if (length > 0 && length + 1 + word.length() > WIDTH) {
                lines.append('\n');
                length = 0;
            }
            lines.append(length == 0 ? "" : " ").append(word);
            length += (length == 0 ? 0 : 1) + word.length();
        }
        return lines.append('\n').toString();
    }
}
