package dev.demur.fit;

import dev.demur.llama.Message;
import java.util.List;
import java.util.Locale;

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
