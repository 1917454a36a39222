package dev.demur.fit;

import dev.demur.llama.Message;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Harmless ways to put the same prompt: they change nothing of what it asks. Data sets differ in such things, and a head that is
 * fitted on them would learn to tell the sets.
 */
public enum Form {
    /** As it stands in the data. */
    PLAIN("as it is") {
        @Override
        String reword(String prompt) {
            return prompt;
        }
    },
    /** Without the mark that it ends with, or with one where it has none. */
    MARK("with or without its final mark") {
        @Override
        String reword(String prompt) {
            String text = prompt.stripTrailing();
            String bare = text.replaceFirst("[.?!\\u2026]+$", "");
            return bare.isBlank() || bare.length() == text.length() ? text + "?" : bare;
        }
    },
    /** In lower case. */
    LOWER("in lower case") {
        @Override
        String reword(String prompt) {
            return prompt.toLowerCase(Locale.ROOT);
        }
    },
    /** In quotation marks. */
    QUOTED("in quotation marks") {
        @Override
        String reword(String prompt) {
            return '"' + prompt + '"';
        }
    },
    /** With two spaces between words. */
    SPACES("with doubled spaces") {
        @Override
        String reword(String prompt) {
            return prompt.replace(" ", "  ");
        }
    },
    /** With a please before it. */
    PLEASE("after \"please\"") {
        @Override
        String reword(String prompt) {
            boolean capitals = prompt.length() > 1 && Character.isUpperCase(prompt.charAt(1));
            boolean first = prompt.startsWith("I ") || prompt.startsWith("I'");
            return capitals || first || prompt.isEmpty()
                    ? "Please: " + prompt
                    : "Please, " + prompt.substring(0, 1).toLowerCase(Locale.ROOT) + prompt.substring(1);
        }
    },
    /** With two letters of its longest word in the wrong order. */
    TYPO("with a slip of the keys") {
        @Override
        String reword(String prompt) {
            Matcher words = LONG_WORD.matcher(prompt);
            int longest = 0;
            int middle = -1;
            while (words.find()) {
                if (words.end() - words.start() > longest) {
                    longest = words.end() - words.start();
                    middle = words.start() + longest / 2;
                }
            }
            return middle < 0
                    ? prompt
                    : prompt.substring(0, middle - 1)
                            + prompt.charAt(middle)
                            + prompt.charAt(middle - 1)
                            + prompt.substring(middle + 1);
        }
    },
    /** In the short forms of a chat. */
    SHORT("in short forms") {
        @Override
        String reword(String prompt) {
            return SHORTENED
                    .matcher(prompt)
                    .replaceAll(found -> SHORT_FORMS.get(found.group().toLowerCase(Locale.ROOT)));
        }
    },
    /** With friendly words before or behind it. */
    FRIENDLY("beside friendly words") {
        @Override
        String reword(String prompt) {
            int which = Math.floorMod(prompt.hashCode(), FRIENDLY_BEFORE.size() + FRIENDLY_BEHIND.size());
            return which < FRIENDLY_BEFORE.size()
                    ? FRIENDLY_BEFORE.get(which) + " " + prompt
                    : prompt + " " + FRIENDLY_BEHIND.get(which - FRIENDLY_BEFORE.size());
        }
    },
    /** After a greeting that was answered. */
    GREETING("after a greeting") {
        @Override
        String reword(String prompt) {
            return prompt;
        }

        @Override
        List<Message> before() {
            return List.of(Message.user("Hello"), Message.assistant("Hello! How can I help you today?"));
        }
    },
    /** With a system message. */
    SYSTEM("with a system message") {
        @Override
        String reword(String prompt) {
            return prompt;
        }

        @Override
        List<Message> before() {
            return List.of(Message.system("You are a helpful assistant."));
        }
    };

    /** Letters alone: a slip in code, a number or an address changes what is asked. */
    private static final Pattern LONG_WORD =
            Pattern.compile("(?<![\\p{L}\\p{N}_/.@:-])\\p{L}{5,}(?![\\p{L}\\p{N}_/@:-])");

    private static final List<String> FRIENDLY_BEFORE = List.of(
            "Hello!",
            "Good morning, I hope that you are well.",
            "Your last answer was great.",
            "I have a question for you, and you are always so patient with me.");

    private static final List<String> FRIENDLY_BEHIND = List.of(
            "Thanks!",
            "Many thanks in advance.",
            "It would be so kind of you, and I wish you a good day.",
            "Take your time, I really like how you explain things.");

    private static final Map<String, String> SHORT_FORMS = Map.ofEntries(
            Map.entry("you", "u"),
            Map.entry("your", "ur"),
            Map.entry("are", "r"),
            Map.entry("because", "cuz"),
            Map.entry("people", "ppl"),
            Map.entry("with", "w/"),
            Map.entry("without", "w/o"),
            Map.entry("what's", "whats"),
            Map.entry("don't", "dont"),
            Map.entry("can't", "cant"),
            Map.entry("i'm", "im"),
            Map.entry("i am", "im"),
            Map.entry("going to", "gonna"),
            Map.entry("want to", "wanna"));

    private static final Pattern SHORTENED = Pattern.compile(
            "\\b(?:" + String.join("|", new TreeSet<>(SHORT_FORMS.keySet()).descendingSet()) + ")\\b",
            Pattern.CASE_INSENSITIVE);

    private final String words;

    Form(String words) {
        this.words = words;
    }

    /** What it does to a prompt, as a person reads it. */
    public String words() {
        return words;
    }

    abstract String reword(String prompt);

    /** The messages before the prompt. */
    List<Message> before() {
        return List.of();
    }
}
