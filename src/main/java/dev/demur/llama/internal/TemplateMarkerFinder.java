package dev.demur.llama.internal;

import dev.demur.gguf.GgufFile;
import dev.demur.gguf.TokenType;
import dev.demur.jinja.JinjaException;
import dev.demur.jinja.Rendering;
import dev.demur.jinja.Rendering.Segment;
import dev.demur.llama.Message;
import dev.demur.llama.TemplateMarkers;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds what a chat template sets messages apart by, by rendering a short conversation: between two messages, and between the
 * last one and the answer, the template must write at least one special token of the vocabulary.
 */
public final class TemplateMarkerFinder {

    private static final Message SYSTEM = new Message(Message.Role.SYSTEM, "Speak plainly", null);

    /** Begins with a user's message and alternates, as some templates demand. */
    private static final List<Message> TURNS =
            List.of(Message.user("Good morning"), Message.assistant("Welcome here"), Message.user("Where am I"));

    private static final int LONGEST = 60;

    private TemplateMarkerFinder() {}

    /** What the file's own template uses. */
    public static TemplateMarkers find(GgufFile file, String template) {
        try {
            JinjaRenderer renderer = new JinjaRenderer(file, template);
            List<Message> messages = new ArrayList<>(List.of(SYSTEM));
            messages.addAll(TURNS);
            Rendering rendering;
            try {
                rendering = renderer.rendering(messages);
            } catch (JinjaException e) {
                if (e.reason() == JinjaException.Reason.LIMIT) {
                    throw e;
                }
                // Some models were never taught a system message, and their templates refuse it.
                messages.remove(0);
                rendering = renderer.rendering(messages);
            }
            return of(file, rendering, messages);
        } catch (JinjaException e) {
            return new TemplateMarkers(TemplateMarkers.Kind.UNKNOWN, List.of(), e.getMessage());
        }
    }

    private static TemplateMarkers of(GgufFile file, Rendering rendering, List<Message> messages) {
        List<String> special = specialTokens(file);
        Set<Integer> seen = new LinkedHashSet<>();
        Set<String> plain = new LinkedHashSet<>();
        StringBuilder between = new StringBuilder();
        int last = 0;
        for (Segment segment : rendering.segments()) {
            if (!segment.marked()) {
                between.append(segment.text());
                continue;
            }
            if (last != 0 && last != segment.mark()) {
                addPlain(plain, special, between);
            }
            last = segment.mark();
            seen.add(last);
            between.setLength(0);
        }
        for (int i = 0; i < messages.size(); i++) {
            if (!seen.contains(i + 1) && messages.get(i) != SYSTEM) {
                return new TemplateMarkers(
                        TemplateMarkers.Kind.UNKNOWN,
                        List.of(),
                        "it leaves out a message of the "
                                + messages.get(i).role().id());
            }
        }
        addPlain(plain, special, between);
        return new TemplateMarkers(
                plain.isEmpty() ? TemplateMarkers.Kind.SPECIAL_TOKENS : TemplateMarkers.Kind.PLAIN_TEXT,
                List.copyOf(plain),
                null);
    }

    private static void addPlain(Set<String> plain, List<String> special, CharSequence between) {
        String text = between.toString();
        if (special.stream().noneMatch(text::contains)) {
            plain.add(shown(text));
        }
    }

    private static String shown(String text) {
        if (text.isBlank()) {
            return text.isEmpty() ? "nothing" : "white space";
        }
        String line = text.strip().replaceAll("\\s+", " ");
        int end = Math.min(line.length(), LONGEST);
        if (end < line.length() && Character.isHighSurrogate(line.charAt(end - 1))) {
            end--;
        }
        return end < line.length() ? line.substring(0, end) + "…" : line;
    }

    /** The spellings of the special tokens of a vocabulary, those that are not white space. */
    private static List<String> specialTokens(GgufFile file) {
        List<String> texts = new ArrayList<>();
        for (int id = 0; id < file.tokenCount(); id++) {
            TokenType type = file.tokenType(id);
            if (type != TokenType.NORMAL && type != TokenType.BYTE) {
                String text = file.tokenText(id);
                if (!text.isBlank()) {
                    texts.add(text);
                }
            }
        }
        return texts;
    }
}
