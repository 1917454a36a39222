package dev.demur.llama.internal;

import dev.demur.DemurException;
import dev.demur.llama.Message;
import java.util.ArrayList;
import java.util.BitSet;
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
     * adds one, once; and which of them are the user's last message, or the last message where none is the user's.
     *
     * @throws DemurException if the template refuses the conversation or leaves out a message, or a message has a
     *     character that this vocabulary writes by a special token only
     * @throws IllegalArgumentException if a past answer's decision is none of this model's
     */
    public EncodedPrompt encode(List<Message> messages) {
        Runs runs = runs(template.render(messages), last(messages));
        Set<Integer> emitted = new HashSet<>();
        for (Object run : runs.finished) {
            if (run instanceof SpecialTokens.Special special) {
                emitted.add(special.id());
            }
        }
        var forbidden = specials.forbidden(emitted);
        TokenList ids = new TokenList();
        int begin = model.beginOfText();
        if (begin >= 0 && !(!runs.finished.isEmpty() && isToken(runs.finished.get(0), begin))) {
            ids.add(begin);
        }
        int from = 0;
        int to = 0;
        for (int i = 0; i < runs.finished.size(); i++) {
            int start = ids.size();
            if (runs.finished.get(i) instanceof SpecialTokens.Special special) {
                ids.add(special.id());
            } else {
                String text = stripped(runs.finished, i);
                if (!text.isEmpty()) {
                    ids.addAll(plain.tokenize(text, forbidden));
                }
            }
            if (i == runs.firstRun) {
                from = start + tokensBefore(runs.firstCharacter, i, runs.finished, forbidden, ids.size() - start);
            }
            if (i == runs.lastRun) {
                to = start + tokensBefore(runs.lastCharacter, i, runs.finished, forbidden, ids.size() - start);
            }
        }
        return new EncodedPrompt(ids.toArray(), from, Math.max(from, to));
    }

    private static Message last(List<Message> messages) {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.get(i).role() == Message.Role.USER) {
                return messages.get(i);
            }
        }
        return messages.get(messages.size() - 1);
    }

    /** How many tokens of a run come before one of its characters; at most all of them. */
    private int tokensBefore(int character, int run, List<Object> runs, BitSet forbidden, int all) {
        if (character == 0 || all == 0) {
            return 0; // of an empty message the run is the special token behind it
        }
        String whole = (String) runs.get(run);
        if (character == whole.length()) {
            return all;
        }
        List<Object> cut = new ArrayList<>(runs.subList(0, run));
        cut.add(whole.substring(0, character));
        String before = stripped(cut, run);
        return before.isEmpty() ? 0 : Math.min(all, plain.tokenize(before, forbidden).length);
    }

    /** The rendered conversation as special tokens and the texts between them, no two of which follow one another. */
    private Runs runs(List<ChatTemplate.Part> parts, Message last) {
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
            if (message == last && part.begins()) {
                runs.beginMessage();
            }
            runs.add(wellFormed(part.text()));
            if (message == last) {
                runs.endMessage();
            }
        }
        runs.endText();
        return runs;
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

    /** Special tokens and texts as they come, texts that follow one another joined, and where one message stands. */
    private static final class Runs {

        private final List<Object> finished = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();
        private int firstRun = -1;
        private int firstCharacter;
        private int lastRun = -1;
        private int lastCharacter;

        void add(Object run) {
            if (run instanceof String more) {
                text.append(more);
            } else {
                endText();
                finished.add(run);
            }
        }

        void beginMessage() {
            firstRun = finished.size();
            firstCharacter = text.length();
        }

        void endMessage() {
            lastRun = finished.size();
            lastCharacter = text.length();
        }

        void endText() {
            if (!text.isEmpty()) {
                finished.add(text.toString());
                text.setLength(0);
            }
        }
    }
}
