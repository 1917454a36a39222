package dev.demur.jinja;

import dev.demur.jinja.JinjaException.Reason;

/** What a string in a template means: Python's escapes. */
final class StringLiteral {

    private StringLiteral() {}

    static String unescaped(String written) {
        if (written.indexOf('\\') < 0) {
            return written;
        }
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < written.length()) {
            char c = written.charAt(at);
            if (c != '\\' || at + 1 >= written.length()) {
                text.append(c);
                at++;
                continue;
            }
            at = escape(written, at + 1, text);
        }
        return text.toString();
    }

    /** Adds what an escape means, and says where it ends. */
    private static int escape(String written, int at, StringBuilder text) {
        char kind = written.charAt(at);
        switch (kind) {
            case '\n':
                return at + 1;
            case '\\', '\'', '"':
                text.append(kind);
                return at + 1;
            case 'n':
                text.append('\n');
                return at + 1;
            case 't':
                text.append('\t');
                return at + 1;
            case 'r':
                text.append('\r');
                return at + 1;
            case 'a':
                text.append('\u0007');
                return at + 1;
            case 'b':
                text.append('\b');
                return at + 1;
            case 'f':
                text.append('\f');
                return at + 1;
            case 'v':
                text.append('\u000b');
                return at + 1;
            case 'x':
                return hexadecimal(written, at + 1, 2, text);
            case 'u':
                return hexadecimal(written, at + 1, 4, text);
            case 'U':
                return hexadecimal(written, at + 1, 8, text);
            case 'N':
                return named(written, at + 1, text);
            default:
                break;
        }
        if (kind >= '0' && kind <= '7') {
            return octal(written, at, text);
        }
        text.append('\\').append(kind);
        return at + 1;
    }

    private static int hexadecimal(String written, int from, int digits, StringBuilder text) {
        long value = 0;
        for (int i = from; i < from + digits; i++) {
            char c = i < written.length() ? written.charAt(i) : '\0';
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw problem("an escape in a string needs " + digits + " hexadecimal digits");
            }
            value = value * 16 + digit;
        }
        if (value > Character.MAX_CODE_POINT) {
            throw problem("an escape in a string is beyond the last character");
        }
        text.appendCodePoint((int) value);
        return from + digits;
    }

    private static int octal(String written, int from, StringBuilder text) {
        int value = 0;
        int at = from;
        while (at < from + 3 && at < written.length() && written.charAt(at) >= '0' && written.charAt(at) <= '7') {
            value = value * 8 + written.charAt(at) - '0';
            at++;
        }
        text.append((char) value);
        return at;
    }

    private static int named(String written, int from, StringBuilder text) {
        int end = written.indexOf('}', from);
        if (end < 0 || written.charAt(from) != '{') {
            throw problem("a character's name in a string is written \\N{NAME}");
        }
        try {
            text.appendCodePoint(Character.codePointOf(written.substring(from + 1, end)));
        } catch (IllegalArgumentException e) {
            throw problem("there is no character of the name " + written.substring(from + 1, end));
        }
        return end + 1;
    }

    private static Failure problem(String what) {
        return new Failure(Reason.SYNTAX, what);
    }
}
