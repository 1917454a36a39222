package dev.demur.cli.terminal;

/**
 * What a stream can show.
 *
 * @param colours whether it takes ANSI escape sequences
 * @param unicode whether it shows block characters
 */
public record Style(boolean colours, boolean unicode) {

    public static final Style PLAIN = new Style(false, false);

    public String bold(String text) {
        return sgr("1", text);
    }

    public String dim(String text) {
        return sgr("2", text);
    }

    public String refusal(String text) {
        return sgr("1;31", text);
    }

    public String answer(String text) {
        return sgr("1;32", text);
    }

    public String care(String text) {
        return sgr("1;36", text);
    }

    public String warning(String text) {
        return sgr("1;33", text);
    }

    public String mark(String text) {
        return sgr("33", text);
    }

    private String sgr(String code, String text) {
        return colours && !text.isEmpty() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
