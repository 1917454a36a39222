package dev.demur.readout;

import java.util.Locale;
import java.util.regex.Pattern;

/** In which words a head reads a message. The model that answers reads it as it was written. */
public enum Wording {
    /** As it was written. */
    AS_WRITTEN("as-written") {
        @Override
        public String of(String message) {
            return message;
        }
    },
    /**
     * Without what changes nothing of the question and would yet change numbers: in small letters, with single spaces and plain
     * quotation marks, without a "please" before or behind it, the quotation marks around it and the marks that it ends with.
     */
    NORMALIZED("normalized") {
        @Override
        public String of(String message) {
            String text = SINGLE_QUOTES.matcher(message).replaceAll("'");
            text = DOUBLE_QUOTES.matcher(text).replaceAll("\"");
            text = SPACES.matcher(text).replaceAll(" ").strip().toLowerCase(Locale.ROOT);
            int length;
            int rounds = 0;
            do {
                length = text.length();
                text = bare(text);
            } while (text.length() < length && ++rounds < MOST_ROUNDS);
            return text;
        }
    };

    private static final Pattern SINGLE_QUOTES = Pattern.compile("[\u2018\u2019\u201A\u201B]");
    private static final Pattern DOUBLE_QUOTES = Pattern.compile("[\u201C\u201D\u201E\u201F\u00AB\u00BB]");
    private static final Pattern SPACES = Pattern.compile("[ \\t\u00A0\u202F]+");
    private static final Pattern PLEASE_BEFORE = Pattern.compile("^(?:please|pls|plz)[,:!]? ");
    private static final Pattern PLEASE_BEHIND = Pattern.compile(",? (?:please|pls|plz)$");
    private static final String MARKS = ".?!\u2026\u3002\uFF1F\uFF01";

    /** Quotation marks in quotation marks, and marks within: more is no ordinary message. */
    private static final int MOST_ROUNDS = 4;

    private final String id;

    Wording(String id) {
        this.id = id;
    }

    /** The name in files and options. */
    public String id() {
        return id;
    }

    /** The message in these words; what has no other words stays, such as a lone question mark. */
    public abstract String of(String message);

    private static String bare(String message) {
        String text = message;
        int end = text.length();
        while (end > 0 && (MARKS.indexOf(text.charAt(end - 1)) >= 0 || Character.isWhitespace(text.charAt(end - 1)))) {
            end--;
        }
        text = end == 0 ? text : text.substring(0, end);
        text = PLEASE_BEFORE.matcher(text).replaceFirst("");
        text = PLEASE_BEHIND.matcher(text).replaceFirst("");
        char quote = text.isEmpty() ? ' ' : text.charAt(0);
        int last = text.length() - 1;
        boolean quoted = (quote == '"' || quote == '\'') && last > 1 && text.indexOf(quote, 1) == last;
        return quoted && !text.substring(1, last).isBlank()
                ? text.substring(1, last).strip()
                : text;
    }
}
