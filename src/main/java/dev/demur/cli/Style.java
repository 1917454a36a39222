package dev.demur.cli;

/**
 * What a stream can show.
 *
 * @param colours whether it takes ANSI escape sequences
 * @param unicode whether it shows block characters
 */
record Style(boolean colours, boolean unicode) {

    static final Style PLAIN = new Style(false, false);

    String bold(String text) {
        return sgr("1", text);
    }

    String dim(String text) {
        return sgr("2", text);
    }

    String refusal(String text) {
        return sgr("1;31", text);
    }

    String answer(String text) {
        return sgr("1;32", text);
    }

    String care(String text) {
        return sgr("1;36", text);
    }

    String warning(String text) {
        return sgr("1;33", text);
    }

    String mark(String text) {
        return sgr("33", text);
    }

    private String sgr(String code, String text) {
        return colours && !text.isEmpty() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
