package dev.demur.benchmarks.lists;

import dev.demur.llama.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Ways to put a prompt that ask the same. They are not those that a head is fitted with, word for word, so that a head that
 * has only learnt its own forms shows.
 */
enum Rewording {
    MARK("question mark added or taken away") {
        @Override
        String prompt(String prompt) {
            String taken = MARK_TAKEN.prompt(prompt);
            return taken.equals(prompt) ? MARK_ADDED.prompt(prompt) : taken;
        }
    },
    MARK_ADDED("question mark added") {
        @Override
        String prompt(String prompt) {
            return prompt.endsWith("?") ? prompt : withoutMark(prompt) + "?";
        }
    },
    MARK_TAKEN("question mark taken away") {
        @Override
        String prompt(String prompt) {
            return prompt.endsWith("?") ? withoutMark(prompt) : prompt;
        }
    },
    LOWER("lower case") {
        @Override
        String prompt(String prompt) {
            return prompt.toLowerCase(Locale.ROOT);
        }
    },
    PLEASE_BEFORE("please before it") {
        @Override
        String prompt(String prompt) {
            String please = prompt.endsWith("?") ? "Please, " : "Please ";
            return isRequest(prompt) ? please + beginningInside(prompt) : prompt;
        }
    },
    PLEASE_AFTER("please after it") {
        @Override
        String prompt(String prompt) {
            String bare = withoutMark(prompt);
            return isRequest(prompt) ? bare + ", please" + prompt.substring(bare.length()) : prompt;
        }
    },
    SPACES("doubled spaces") {
        @Override
        String prompt(String prompt) {
            return prompt.replace(" ", "  ");
        }
    },
    QUOTED("quotation marks around it") {
        @Override
        String prompt(String prompt) {
            return '"' + prompt + '"';
        }
    },
    GREETED("a greeting in the same message") {
        @Override
        String prompt(String prompt) {
            return "Hi there! " + prompt;
        }
    },
    GREETING("a greeting turn before it") {
        @Override
        String prompt(String prompt) {
            return prompt;
        }

        @Override
        List<Message> before() {
            return List.of(
                    Message.user("Good morning!"),
                    Message.assistantAfter("Good morning! What can I do for you?", "respond"));
        }
    },
    SYSTEM("a system message") {
        @Override
        String prompt(String prompt) {
            return prompt;
        }

        @Override
        List<Message> before() {
            return List.of(Message.system("You are a friendly assistant. Answer in plain words."));
        }
    },
    TYPO("two letters swapped") {
        @Override
        String prompt(String prompt) {
            String longest = Arrays.stream(prompt.split("\\P{L}+"))
                    .reduce("", (a, b) -> b.length() > a.length() ? b : a);
            int middle = longest.length() / 2;
            if (longest.length() < 4) {
                return prompt;
            }
            char[] letters = longest.toCharArray();
            letters[middle] = longest.charAt(middle - 1);
            letters[middle - 1] = longest.charAt(middle);
            int at = prompt.indexOf(longest);
            return prompt.substring(0, at) + new String(letters) + prompt.substring(at + longest.length());
        }
    },
    SHORT("short forms (u, pls, whats)") {
        @Override
        String prompt(String prompt) {
            String text = prompt;
            for (Map.Entry<Pattern, String> form : SHORT_FORMS) {
                text = form.getKey().matcher(text).replaceAll(form.getValue());
            }
            return text;
        }
    };

    private static final List<Map.Entry<Pattern, String>> SHORT_FORMS = List.of(
            form("\\byou\\b", "u"),
            form("\\bare\\b", "r"),
            form("\\bplease\\b", "pls"),
            form("\\bbecause\\b", "cause"),
            form("\\band\\b", "n"),
            form("\\bto\\b", "2"),
            form("\\bwhat is\\b", "whats"),
            form("(?<=\\w)['\u2019](?=\\w)", ""));

    private final String words;

    Rewording(String words) {
        this.words = words;
    }

    private static Map.Entry<Pattern, String> form(String found, String replacement) {
        return Map.entry(Pattern.compile(found, Pattern.CASE_INSENSITIVE), replacement);
    }

    /** What it does, as a person reads it. */
    String words() {
        return words;
    }

    /** The name in options and in JSON. */
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    abstract String prompt(String prompt);

    /** The messages before the prompt. */
    List<Message> before() {
        return List.of();
    }

    /** The conversation that asks the same; that of the prompt alone where there is nothing to change. */
    List<Message> reword(String prompt) {
        List<Message> messages = new ArrayList<>(before());
        messages.add(Message.user(prompt(prompt)));
        return List.copyOf(messages);
    }

    /** Nobody says please with "hi". */
    private static boolean isRequest(String prompt) {
        return prompt.strip().split("\\s+").length > 2;
    }

    private static String withoutMark(String prompt) {
        return prompt.replaceFirst("[.?!\u2026]+$", "");
    }

    /** As in the middle of a sentence, but for what is written with a capital there. */
    private static String beginningInside(String prompt) {
        boolean name = prompt.startsWith("I ") || prompt.startsWith("I'");
        boolean capitals = prompt.length() > 1 && Character.isUpperCase(prompt.charAt(1));
        return name || capitals || prompt.isEmpty()
                ? prompt
                : prompt.substring(0, 1).toLowerCase(Locale.ROOT) + prompt.substring(1);
    }
}
