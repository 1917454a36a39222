package dev.demur.cli.serve;

/** Text of a client's for messages and logs: on one line, and cut where it is long. */
final class Quoted {

    private static final int LONGEST = 80;

    private Quoted() {}

    /** In quotation marks. */
    static String of(String text) {
        return "'" + cut(text) + "'";
    }

    static String cut(String text) {
        String start = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
        return escaped(start);
    }

    /** Without characters that would end a line, control a terminal, or end a quotation. */
    static String escaped(String text) {
        StringBuilder line = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                line.append('\\').append((char) c);
            } else if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT || isSeparator(c)) {
                line.append(String.format("\\u%04x", c));
            } else {
                line.appendCodePoint(c);
            }
        });
        return line.toString();
    }

    private static boolean isSeparator(int c) {
        return c == 0x2028 || c == 0x2029 || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }
}
