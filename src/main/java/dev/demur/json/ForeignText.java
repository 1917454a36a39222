package dev.demur.json;

import java.util.Locale;

/** Text from a file or a request in a message: on one line, of bounded length. */
public final class ForeignText {

    private static final int LONGEST = 80;

    private ForeignText() {}

    /** In quotation marks, with escapes where JSON has them. */
    public static String quoted(String text) {
        return '"' + escaped(text) + '"';
    }

    /** The same without the quotation marks, as for the name of a field. */
    public static String escaped(String text) {
        StringBuilder line = new StringBuilder();
        int length = Math.min(text.length(), LONGEST);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> line.append("\\\"");
                case '\\' -> line.append("\\\\");
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (isShown(c)) {
                        line.append(c);
                    } else {
                        line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    }
                }
            }
        }
        return text.length() > LONGEST ? line.append('…').toString() : line.toString();
    }

    /** Two characters end a line for some programs, although they are no control characters. */
    private static boolean isShown(char c) {
        return !Character.isISOControl(c) && c != '\u2028' && c != '\u2029';
    }
}
