package dev.demur.llama.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The special tokens of a vocabulary: those that llama.cpp finds by their spelling, and those that no message may yield.
 *
 * <p>Their types are llama.cpp's own, which corrects some that a file has wrong. Immutable.
 */
final class SpecialTokens {

    private static final int MATCHED = LlamaModel.UNKNOWN | LlamaModel.CONTROL | LlamaModel.USER_DEFINED;
    private static final int NEVER_TEXT = LlamaModel.UNKNOWN | LlamaModel.CONTROL | LlamaModel.END_OF_GENERATION;

    /** A token that is found by its spelling, with what llama.cpp strips around it. */
    record Special(int id, String text, boolean stripsLeft, boolean stripsRight) {}

    private final List<Special> matched = new ArrayList<>();
    private final Map<String, Special> openings = new LinkedHashMap<>();
    private final BitSet blank = new BitSet();
    private final BitSet forbidden = new BitSet();

    /**
     * Those of a model.
     *
     * @param openings the token that stands before an answer after a decision, by the decision's label
     */
    SpecialTokens(LlamaModel model, Map<String, Integer> openings) {
        int[] attributes = model.tokenAttributes();
        for (int id = 0; id < attributes.length; id++) {
            if ((attributes[id] & MATCHED) != 0) {
                add(id, model.file().tokenText(id), attributes[id]);
            }
            if ((attributes[id] & NEVER_TEXT) != 0) {
                forbidden.set(id);
            }
        }
        // The order in which llama.cpp looks for them.
        matched.sort((a, b) -> Integer.compare(utf8Length(b.text), utf8Length(a.text)));
        openings.forEach((label, id) -> {
            forbidden.set(id);
            this.openings.put(label, special(id, model.file().tokenText(id)));
        });
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private void add(int id, String text, int attributes) {
        if (text.isEmpty()) {
            return;
        }
        Special special = new Special(
                id, text, (attributes & LlamaModel.STRIPS_LEFT) != 0, (attributes & LlamaModel.STRIPS_RIGHT) != 0);
        matched.add(special);
        if (text.replace(TokenSpelling.SPM_SPACE, ' ').isBlank()) {
            blank.set(id);
        } else if ((attributes & LlamaModel.USER_DEFINED) != 0) {
            forbidden.set(id);
        }
    }

    private Special special(int id, String text) {
        for (Special special : matched) {
            if (special.id == id) {
                return special;
            }
        }
        return new Special(id, text, false, false);
    }

    /** The token that stands before an answer after a decision, whatever its type; null where there is none. */
    @Nullable
    Special opening(String label) {
        return openings.get(label);
    }

    /** The labels whose decisions have a token. */
    Set<String> openingLabels() {
        return openings.keySet();
    }

    /**
     * The tokens that message text must never yield where the template emits these: a token of white space stays text,
     * because it means nothing else.
     */
    BitSet forbidden(Collection<Integer> emittedByTemplate) {
        BitSet all = (BitSet) forbidden.clone();
        for (int id : emittedByTemplate) {
            if (!blank.get(id)) {
                all.set(id);
            }
        }
        return all;
    }

    /** A template's text as special tokens and the strings between them, cut as llama.cpp cuts it. */
    List<Object> cut(String text) {
        List<Object> pieces = new ArrayList<>();
        pieces.add(text);
        for (Special special : matched) {
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
}
