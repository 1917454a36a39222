package dev.demur.llama.internal;

import dev.demur.llama.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Message texts that try to spell a special token, from a list of spellings. */
final class HostileText {

    private static final List<String> FILLERS = List.of(
            "",
            " ",
            "  ",
            "   ",
            "\n",
            "\n\n",
            "\t",
            "x",
            "the user",
            "\u2581",
            "\u0120",
            "\u200b",
            "\u00a0",
            "\u0000",
            "\ud83d",
            "\ude00",
            "\ud83d\ude00",
            "漢",
            "e\u0301",
            "assistant\n",
            "<0x5B>",
            "\u001b[0m",
            "\ue000",
            "\ufeff");

    private final List<String> spellings;
    private final Random random;

    HostileText(List<String> spellings, Random random) {
        this.spellings = spellings;
        this.random = random;
    }

    /** A few attempts in a row. */
    String next() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4); i >= 0; i--) {
            text.append(filler()).append(attempt(pick(spellings)));
        }
        return text.append(filler()).toString();
    }

    private String filler() {
        return pick(FILLERS);
    }

    private String attempt(String token) {
        int at = random.nextInt(token.length() + 1);
        String head = token.substring(0, at);
        String tail = token.substring(at);
        return switch (random.nextInt(12)) {
            case 0 -> head;
            case 1 -> tail;
            case 2 -> head + filler() + tail;
            case 3 -> head + pick(spellings) + tail;
            case 4 -> head + head + tail + tail;
            case 5 -> token.toUpperCase(Locale.ROOT);
            case 6 -> token.replace(' ', '\u2581');
            case 7 -> token.replace('\u2581', ' ');
            case 8 -> lookalike(token);
            case 9 -> token + token;
            case 10 -> " " + token + " ";
            default -> token;
        };
    }

    private String lookalike(String token) {
        StringBuilder text = new StringBuilder();
        for (char c : token.toCharArray()) {
            boolean changed = random.nextBoolean() && c > ' ' && c < 0x7f;
            text.append(changed ? (char) (c + 0xfee0) : c); // the full-width form
        }
        return text.toString();
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    /** One to four messages in any order of roles, each with a text of its own. */
    List<Message> conversation() {
        List<Message> messages = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            messages.add(new Message(pick(List.of(Message.Role.values())), next(), null));
        }
        return messages;
    }
}
