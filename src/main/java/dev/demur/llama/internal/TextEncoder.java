package dev.demur.llama.internal;

import dev.demur.llama.Message;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a text that is partly a program's own and partly came from messages into token ids, for prompts that no chat
 * template makes alone.
 *
 * <p>Spellings of special tokens in the program's own text become these tokens. What came from a message stays text,
 * whatever it spells and whatever stands beside it, as {@link PromptEncoder} has it. Thread-safe.
 */
public final class TextEncoder {

    private final LlamaModel model;
    private final SpecialTokens specials;
    private final PlainTokenizer plain;

    /** An encoder for texts to a model. */
    public TextEncoder(LlamaModel model) {
        this.model = model;
        this.specials = new SpecialTokens(model, Map.of());
        this.plain = new PlainTokenizer(model);
    }

    /**
     * A part of a text.
     *
     * @param text may be empty
     * @param own whether it is the program's own, in which special tokens may be spelled
     */
    public record Piece(String text, boolean own) {}

    /**
     * A conversation as a chat template renders it, up to and including the generation prompt.
     *
     * @throws IllegalArgumentException if the template refuses the conversation, goes wrong with it, or leaves out a message
     */
    public static List<Piece> render(ChatTemplate template, List<Message> messages) {
        List<Piece> pieces = new ArrayList<>();
        for (ChatTemplate.Part part : template.render(messages)) {
            pieces.add(new Piece(part.text(), part.message() == null));
        }
        return pieces;
    }

    /**
     * The ids of a text, with the token that starts a text where the model's own rule adds one, once.
     *
     * @throws IllegalArgumentException if a message has a character that this vocabulary writes by a special token only
     */
    public int[] encode(List<Piece> pieces) {
        List<Object> runs = runs(pieces);
        BitSet forbidden = forbidden(runs);
        TokenList ids = new TokenList();
        int begin = model.beginOfText();
        if (begin >= 0 && !(!runs.isEmpty() && PromptEncoder.isToken(runs.get(0), begin))) {
            ids.add(begin);
        }
        add(runs, forbidden, false, ids);
        return ids.toArray();
    }

    /**
     * The ids of a program's own text that a prompt goes on with, tokenised by itself, as a model that wrote it would have
     * begun it after the prompt.
     *
     * @param afterText whether what is before ends in text, and not in a special token; {@link #endsInText} tells
     */
    public int[] continuation(String text, boolean afterText) {
        TokenList ids = new TokenList();
        add(runs(List.of(new Piece(text, true))), new BitSet(), afterText, ids);
        return ids.toArray();
    }

    /** Whether the last token of a text is one of text, and no special one. */
    public boolean endsInText(List<Piece> pieces) {
        List<Object> runs = runs(pieces);
        return !runs.isEmpty() && runs.get(runs.size() - 1) instanceof String;
    }

    private BitSet forbidden(List<Object> runs) {
        Set<Integer> emitted = new HashSet<>();
        for (Object run : runs) {
            if (run instanceof SpecialTokens.Special special) {
                emitted.add(special.id());
            }
        }
        return specials.forbidden(emitted);
    }

    private void add(List<Object> runs, BitSet forbidden, boolean afterText, TokenList ids) {
        for (int i = 0; i < runs.size(); i++) {
            if (runs.get(i) instanceof SpecialTokens.Special special) {
                ids.add(special.id());
                continue;
            }
            String text = PromptEncoder.stripped(runs, i);
            if (!text.isEmpty()) {
                boolean continues = i == 0 && afterText;
                ids.addAll(continues ? plain.tokenizeAfterText(text, forbidden) : plain.tokenize(text, forbidden));
            }
        }
    }

    /** Special tokens and the texts between them, no two of which follow one another. */
    private List<Object> runs(List<Piece> pieces) {
        List<Object> runs = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        StringBuilder own = new StringBuilder();
        for (Piece piece : pieces) {
            if (piece.own()) {
                own.append(piece.text()); // a token may be spelled by two parts of the own text that touch
            } else if (!piece.text().isEmpty()) {
                cut(own, text, runs);
                text.append(PromptEncoder.wellFormed(piece.text()));
            }
        }
        cut(own, text, runs);
        endText(text, runs);
        return runs;
    }

    private void cut(StringBuilder own, StringBuilder text, List<Object> runs) {
        if (own.isEmpty()) {
            return;
        }
        for (Object run : specials.cut(PromptEncoder.wellFormed(own.toString()))) {
            if (run instanceof String more) {
                text.append(more);
            } else {
                endText(text, runs);
                runs.add(run);
            }
        }
        own.setLength(0);
    }

    private static void endText(StringBuilder text, List<Object> runs) {
        if (!text.isEmpty()) {
            runs.add(text.toString());
            text.setLength(0);
        }
    }
}
