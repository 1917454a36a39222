package dev.demur.llama.internal;

import dev.demur.grammar.AmbiguousGrammarException;
import dev.demur.grammar.Grammar;
import dev.demur.grammar.GrammarMatcher;
import dev.demur.llama.LlamaException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which tokens a grammar allows, as a text grows token by token. For one thread at a time. */
final class GrammarMask {

    /** A text stands at few places again and again, such as within a string. */
    private static final int MOST_REMEMBERED = 16;

    private final GrammarMatcher matcher;
    private final TokenPieces pieces;
    private final Map<GrammarMatcher.Place, byte[]> masks = new LinkedHashMap<>(MOST_REMEMBERED, 0.75f, true);
    private GrammarMatcher.Place place;

    GrammarMask(Grammar grammar, TokenPieces pieces) {
        this.pieces = pieces;
        this.matcher = new GrammarMatcher(grammar);
        this.place = matcher.start();
    }

    /**
     * For each token 1 or 0; not to be changed.
     *
     * @throws LlamaException with reason GRAMMAR if there is none, or the grammar is too ambiguous
     */
    byte[] allowed() {
        byte[] mask = masks.get(place);
        if (mask == null) {
            mask = compute();
            if (masks.size() == MOST_REMEMBERED) {
                masks.remove(masks.keySet().iterator().next());
            }
            masks.put(place, mask);
        }
        return mask;
    }

    private byte[] compute() {
        matcher.begin();
        byte[] mask;
        try {
            mask = pieces.sorted().allowed(matcher, place);
        } catch (AmbiguousGrammarException e) {
            throw new LlamaException(LlamaException.Reason.GRAMMAR, String.valueOf(e.getMessage()), e);
        }
        for (byte allowed : mask) {
            if (allowed != 0) {
                return mask;
            }
        }
        throw new LlamaException(
                LlamaException.Reason.GRAMMAR,
                "no token of the model continues the text as the grammar asks, nor may it end here");
    }

    /** Goes on behind {@code token}, which was allowed. */
    void drawn(int token) {
        if (pieces.endsGeneration(token)) {
            return;
        }
        matcher.begin();
        for (byte next : pieces.bytes(token)) {
            GrammarMatcher.Place after = matcher.after(place, next);
            if (after == null) {
                throw new IllegalStateException("token " + token + " was drawn against the grammar");
            }
            place = after;
        }
    }
}
