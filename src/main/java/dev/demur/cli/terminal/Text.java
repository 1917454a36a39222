package dev.demur.cli.terminal;

/** Foreign text, made fit for a line or a terminal. */
public final class Text {

    private Text() {}

    /** The text on one line: line ends and other control characters become spaces. */
    public static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            line.append(isControl(c) || c == '\u2028' || c == '\u2029' ? ' ' : c);
        }
        return line.toString().strip();
    }

    /** The text without control characters that would move a terminal's cursor or change its colours. */
    public static String printable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isHarmful(text.charAt(i))) {
                return replaceHarmful(text);
            }
        }
        return text;
    }

    private static String replaceHarmful(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            printable.append(isHarmful(c) ? '\ufffd' : c);
        }
        return printable.toString();
    }

    private static boolean isHarmful(char c) {
        return isControl(c) && c != '\n' && c != '\t';
    }

    private static boolean isControl(char c) {
        return c < ' ' || c >= '\u007f' && c < '\u00a0';
    }
}
