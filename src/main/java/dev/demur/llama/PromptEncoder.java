package dev.demur.llama;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a conversation into the token ids of a prompt.
 *
 * <p>Special tokens come from the template's text and the messages' decisions only: the template's spellings become their
 * tokens, and everything between two special tokens, template text and messages together, is tokenised as one plain text.
 * For messages that spell no special token this gives the ids that {@code llama_tokenize} gives for the whole rendered
 * string with {@code parse_special}, because llama.cpp cuts the string at special tokens first; only what {@link LongText}
 * must cut may have others. What a message spells stays text, whatever it is. Thread-safe.
 */
public final class PromptEncoder {

    private static final String SPACES = " \t\n\u000b\f\r";

    private final ChatTemplate template;
    private final LlamaModel model;
    private final SpecialTokens specials;
    private final PlainTokenizer plain;

    /**
     * An encoder for prompts to a model.
     *
     * @param openings the token that stands before a past answer, by the label of its decision: none of these ever arises
     *     from a message's text. Empty: past answers are their texts alone
     */
    public PromptEncoder(ChatTemplate template, LlamaModel model, Map<String, Integer> openings) {
        this.template = template;
        this.model = model;
        this.specials = new SpecialTokens(model, openings);
        this.plain = new PlainTokenizer(model);
    }

    /**
     * The ids of the conversation up to the first position, with the token that starts a text where the model's own rule
     * adds one, once.
     *
     * @throws IllegalArgumentException if the template refuses the conversation or leaves out a message, a past answer's
     *     decision is none of this model's, or a message has a character that this vocabulary writes by a special token
     *     only
     */
    public int[] encode(List<Message> messages) {
        List<Object> runs = runs(template.render(messages));
        Set<Integer> emitted = new HashSet<>();
        for (Object run : runs) {
            if (run instanceof SpecialTokens.Special special) {
                emitted.add(special.id());
            }
        }
        var forbidden = specials.forbidden(emitted);
        TokenList ids = new TokenList();
        int begin = model.beginOfText();
        if (begin >= 0 && !(!runs.isEmpty() && isToken(runs.get(0), begin))) {
            ids.add(begin);
        }
        for (int i = 0; i < runs.size(); i++) {
            if (runs.get(i) instanceof SpecialTokens.Special special) {
                ids.add(special.id());
            } else {
                String text = stripped(runs, i);
                if (!text.isEmpty()) {
                    ids.addAll(plain.tokenize(text, forbidden));
                }
            }
        }
        return ids.toArray();
    }

    /** The rendered conversation as special tokens and the texts between them, no two of which follow one another. */
    private List<Object> runs(List<ChatTemplate.Part> parts) {
        Runs runs = new Runs();
        Map<String, List<Object>> cut = new HashMap<>();
        for (ChatTemplate.Part part : parts) {
            Message message = part.message();
            if (message == null) {
                cut.computeIfAbsent(wellFormed(part.text()), specials::cut).forEach(runs::add);
                continue;
            }
            String decision = message.decision();
            if (part.begins() && decision != null && !specials.openingLabels().isEmpty()) {
                runs.add(opening(decision));
            }
            runs.add(wellFormed(part.text()));
        }
        return runs.finished();
    }

    private SpecialTokens.Special opening(String decision) {
        SpecialTokens.Special token = specials.opening(decision);
        if (token == null) {
            throw new IllegalArgumentException("an answer's decision is " + decision
                    + ", which is none of this model's: " + String.join(", ", specials.openingLabels()));
        }
        return token;
    }

    static boolean isToken(Object run, int id) {
        return run instanceof SpecialTokens.Special special && special.id() == id;
    }

    /** A text without the white space that llama.cpp takes away beside the special tokens around it. */
    static String stripped(List<Object> runs, int i) {
        String text = (String) runs.get(i);
        if (i > 0 && runs.get(i - 1) instanceof SpecialTokens.Special before && before.stripsRight()) {
            text = stripLeading(text);
        }
        if (i + 1 < runs.size() && runs.get(i + 1) instanceof SpecialTokens.Special after && after.stripsLeft()) {
            text = stripTrailing(text);
        }
        return text;
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

    /** The text with U+FFFD for each half of a character whose other half is missing, which UTF-8 cannot write. */
    static String wellFormed(String text) {
        StringBuilder repaired = null;
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            if (Character.MIN_SURROGATE <= c && c <= Character.MAX_SURROGATE) {
                repaired = repaired == null ? new StringBuilder(text) : repaired;
                repaired.setCharAt(at, '\ufffd');
            }
            at += Character.charCount(c);
        }
        return repaired == null ? text : repaired.toString();
    }

    /** Special tokens and texts as they come, texts that follow one another joined. */
    private static final class Runs {

        private final List<Object> runs = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();

        void add(Object run) {
            if (run instanceof String more) {
                text.append(more);
            } else {
                endText();
                runs.add(run);
            }
        }

        List<Object> finished() {
            endText();
            return runs;
        }

        private void endText() {
            if (!text.isEmpty()) {
                runs.add(text.toString());
                text.setLength(0);
            }
        }
    }
}
