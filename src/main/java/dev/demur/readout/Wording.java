package dev.demur.readout;

import java.util.Locale;
import java.util.regex.Matcher;
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
     * One form for all that differ in what changes nothing of the question and would yet change numbers: case, spaces, curly
     * quotation marks, a "please" before or behind it, quotation marks around it, and the marks that it ends with. The form is
     * written as people write, because models read that best: sentences begin with a capital letter, and the last one ends with a
     * question mark if it begins as questions do, else with a full stop.
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
            return sentences(text);
        }
    };

    private static final Pattern SINGLE_QUOTES = Pattern.compile("[\u2018\u2019\u201A\u201B]");
    private static final Pattern DOUBLE_QUOTES = Pattern.compile("[\u201C\u201D\u201E\u201F\u00AB\u00BB]");
    private static final Pattern SPACES = Pattern.compile("[ \\t\u00A0\u202F]+");
    private static final Pattern PLEASE_BEFORE = Pattern.compile("^(?:please|pls|plz)[,:!]? ");
    private static final Pattern PLEASE_BEHIND = Pattern.compile(",? (?:please|pls|plz)$");
    private static final Pattern SENTENCE = Pattern.compile("(?:^|[.?!] )\\p{Ll}");
    private static final Pattern I = Pattern.compile("(?<![^ \"(])i(?=$|[ ,')])");
    private static final Pattern QUESTION = Pattern.compile("(?:^|, )"
            + "(?:what|who|whom|whose|which|when|where|why|how|am|is|are|was|were|do|does|did|can|could|will|would|shall|should"
            + "|may|might|must|has|have|had)(?:n't|'s|'re|'d)? ");
    private static final Pattern SENTENCES = Pattern.compile("[.?!] ");
    private static final String CLOSING = ")]\"'";
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

    /** A text in small letters without its final mark, as people write it. */
    private static String sentences(String text) {
        String capitals = I.matcher(text).replaceAll("I");
        capitals = SENTENCE.matcher(capitals)
                .replaceAll(begin -> Matcher.quoteReplacement(begin.group().toUpperCase(Locale.ROOT)));
        if (!endsInWords(text)) {
            return capitals;
        }
        int last = 0;
        for (Matcher end = SENTENCES.matcher(text); end.find(); ) {
            last = end.end();
        }
        return capitals + (QUESTION.matcher(text.substring(last)).find() ? "?" : ".");
    }

    private static boolean endsInWords(String text) {
        int length = text.length();
        return length > 0
                && (Character.isLetterOrDigit(text.codePointBefore(length))
                        || length > 2 && CLOSING.indexOf(text.charAt(length - 1)) >= 0);
    }
}
