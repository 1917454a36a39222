package dev.demur.llama;

import dev.demur.gguf.TokenType;
import dev.demur.policy.ControlTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Turns a conversation into the token ids of a prompt.
 *
 * <p>Special tokens come from the template's text only: its spellings become their tokens, and everything between two
 * special tokens, template text and messages together, is tokenised as one plain text. For messages that spell no special
 * token this gives the ids that {@code llama_tokenize} gives for the whole rendered string with {@code parse_special},
 * because llama.cpp cuts the string at special tokens first. What a message spells stays text: llama.cpp matches
 * user-defined tokens in plain text, so such a spelling is cut in two before tokenising. Thread-safe.
 */
public final class PromptEncoder {

    private static final String SPACES = " \t\n\u000b\f\r";

    private final ChatTemplate template;
    private final LlamaModel model;
    private final ControlTokens controlTokens;
    private final List<Special> specials;
    private final Set<Integer> endsOfGeneration;

    /** A token that is found by its spelling, with what llama.cpp strips around it. */
    private record Special(int id, String text, TokenType type, boolean stripsLeft, boolean stripsRight) {

        /** Whether llama.cpp matches it in plain text, too, though no one meant it. */
        boolean isMatchedInPlainText() {
            return type == TokenType.USER_DEFINED && !text.isBlank();
        }
    }

    /** An encoder for prompts to {@code model}, rendered by {@code template}. */
    public PromptEncoder(ChatTemplate template, LlamaModel model, ControlTokens controlTokens) {
        this.template = template;
        this.model = model;
        this.controlTokens = controlTokens;
        int[] attributes = model.tokenAttributes();
        this.specials = specials(model, attributes);
        this.endsOfGeneration = endsOfGeneration(attributes);
    }

    /** The special tokens, longest spelling first, which is the order in which llama.cpp looks for them. */
    private static List<Special> specials(LlamaModel model, int[] attributes) {
        List<Special> specials = new ArrayList<>();
        for (int id = 0; id < attributes.length; id++) {
            TokenType type = model.file().tokenType(id);
            if (type == TokenType.CONTROL || type == TokenType.USER_DEFINED || type == TokenType.UNKNOWN) {
                String text = model.file().tokenText(id);
                if (!text.isEmpty()) {
                    specials.add(new Special(
                            id,
                            text,
                            type,
                            (attributes[id] & LlamaModel.STRIPS_LEFT) != 0,
                            (attributes[id] & LlamaModel.STRIPS_RIGHT) != 0));
                }
            }
        }
        specials.sort((a, b) -> Integer.compare(b.text.length(), a.text.length()));
        return specials;
    }

    private static Set<Integer> endsOfGeneration(int[] attributes) {
        Set<Integer> ends = new HashSet<>();
        for (int id = 0; id < attributes.length; id++) {
            if ((attributes[id] & LlamaModel.END_OF_GENERATION) != 0) {
                ends.add(id);
            }
        }
        return ends;
    }

    /**
     * The ids of the conversation up to the first position, with the token that starts a text where the model's own rule
     * adds one, once.
     *
     * @throws IllegalArgumentException if llama.cpp does not know the template, the template leaves out a message, or a
     *     message yields a token that no message may yield
     */
    public int[] encode(List<Message> messages) {
        return encodeParts(template.render(messages));
    }

    private int[] encodeParts(List<ChatTemplate.Part> parts) {
        IntList ids = new IntList();
        Set<Integer> emitted = new HashSet<>();
        StringBuilder text = new StringBuilder();
        List<Object> runs = new ArrayList<>();
        for (ChatTemplate.Part part : parts) {
            if (part.isMessage()) {
                text.append(part.text());
                continue;
            }
            for (Object piece : cut(part.text(), specials)) {
                if (piece instanceof Special special) {
                    if (!text.isEmpty()) {
                        runs.add(text.toString());
                        text.setLength(0);
                    }
                    runs.add(special);
                    emitted.add(special.id);
                } else {
                    text.append((String) piece);
                }
            }
        }
        if (!text.isEmpty()) {
            runs.add(text.toString());
        }
        int begin = model.beginOfText();
        if (begin >= 0 && !(!runs.isEmpty() && runs.get(0) instanceof Special first && first.id == begin)) {
            ids.add(begin);
        }
        Set<Integer> forbidden = forbidden(emitted);
        for (int i = 0; i < runs.size(); i++) {
            if (runs.get(i) instanceof Special special) {
                ids.add(special.id);
                continue;
            }
            String run = (String) runs.get(i);
            if (i > 0 && runs.get(i - 1) instanceof Special before && before.stripsRight) {
                run = stripLeading(run);
            }
            if (i + 1 < runs.size() && runs.get(i + 1) instanceof Special after && after.stripsLeft) {
                run = stripTrailing(run);
            }
            addPlain(run, forbidden, ids);
        }
        return ids.toArray();
    }

    /** Tokenises a text that comes from messages and plain template text, in which no spelling means a special token. */
    private void addPlain(String run, Set<Integer> forbidden, IntList ids) {
        for (String text : breakSpellings(run)) {
            for (int id : model.tokenize(text, false)) {
                if (forbidden.contains(id)) {
                    throw new IllegalArgumentException("a message spells the special token '"
                            + model.file().tokenText(id) + "' (id " + id + "), which this vocabulary does not tell from"
                            + " text: change the message");
                }
                ids.add(id);
            }
        }
    }

    /** The tokens that plain text must never yield. */
    private Set<Integer> forbidden(Set<Integer> emittedByTemplate) {
        Set<Integer> forbidden = new HashSet<>(emittedByTemplate);
        forbidden.addAll(endsOfGeneration);
        for (Special special : specials) {
            if (special.type != TokenType.USER_DEFINED || special.isMatchedInPlainText()) {
                forbidden.add(special.id);
            }
        }
        for (int id : controlTokens.ids()) {
            forbidden.add(id);
        }
        return forbidden;
    }

    /** The text in pieces, none of which spells a token that llama.cpp would match in it. */
    private List<String> breakSpellings(String text) {
        List<String> pieces = new ArrayList<>();
        int start = 0;
        for (int at = 0; at < text.length(); at++) {
            for (Special special : specials) {
                if (special.isMatchedInPlainText() && text.startsWith(special.text, at) && special.text.length() > 1) {
                    int cut = at + Character.charCount(text.codePointAt(at));
                    pieces.add(text.substring(start, cut));
                    start = cut;
                    break;
                }
            }
        }
        if (start < text.length()) {
            pieces.add(text.substring(start));
        }
        return pieces;
    }

    /** A template's text as special tokens and the strings between them, cut as llama.cpp cuts it. */
    private static List<Object> cut(String text, List<Special> specials) {
        List<Object> pieces = new ArrayList<>();
        pieces.add(text);
        for (Special special : specials) {
            for (int i = 0; i < pieces.size(); i++) {
                if (pieces.get(i) instanceof String piece) {
                    int at = piece.indexOf(special.text);
                    if (at >= 0) {
                        pieces.remove(i);
                        String after = piece.substring(at + special.text.length());
                        if (!after.isEmpty()) {
                            pieces.add(i, after);
                        }
                        pieces.add(i, special);
                        if (at > 0) {
                            pieces.add(i, piece.substring(0, at));
                            i++;
                        }
                    }
                }
            }
        }
        return pieces;
    }

    private static String stripLeading(String text) {
        int from = 0;
        while (from < text.length() && SPACES.indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        return text.substring(from);
    }

    private static String stripTrailing(String text) {
        int to = text.length();
        while (to > 0 && SPACES.indexOf(text.charAt(to - 1)) >= 0) {
            to--;
        }
        return text.substring(0, to);
    }

    /** A growing array of ids. */
    private static final class IntList {
        private int[] values = new int[64];
        private int size;

        void add(int value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
        }

        int[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }
}
