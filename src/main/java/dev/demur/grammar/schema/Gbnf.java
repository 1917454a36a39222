package dev.demur.grammar.schema;

import java.util.Locale;

/** How characters are written in a grammar. */
final class Gbnf {

    private Gbnf() {}

    /** A literal that stands for the text. */
    static String literal(String text) {
        StringBuilder literal = new StringBuilder("\"");
        text.codePoints().forEach(c -> literal.append(c == '"' ? "\\\"" : character(c)));
        return literal.append('"').toString();
    }

    static boolean isLiteral(String terminal) {
        return terminal.startsWith("\"");
    }

    /** One literal in place of two. */
    static String joined(String first, String second) {
        return first.substring(0, first.length() - 1) + second.substring(1);
    }

    /** A character of a class. */
    static String inClass(int c) {
        return switch (c) {
            case '[', ']' -> "\\" + (char) c;
            case '-', '^' -> "\\x" + hexadecimal(c, 2);
            default -> character(c);
        };
    }

    private static String character(int c) {
        if (c == '\\') {
            return "\\\\";
        }
        if (c == '\n') {
            return "\\n";
        }
        if (c < ' ' || c >= 0x7F && c < 0xA0) {
            return "\\x" + hexadecimal(c, 2);
        }
        boolean shown = Character.isLetterOrDigit(c) || c < 0x7F;
        if (shown) {
            return Character.toString(c);
        }
        return c <= 0xFFFF ? "\\u" + hexadecimal(c, 4) : "\\U" + hexadecimal(c, 8);
    }

    private static String hexadecimal(int c, int digits) {
        String hexadecimal = Integer.toHexString(c).toUpperCase(Locale.ROOT);
        return "0".repeat(digits - hexadecimal.length()) + hexadecimal;
    }
}
