package dev.demur.llama.internal;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What each token of a model stands for in a reply: its bytes, or the end. llama.cpp is asked once a token, so that a
 * step of generation is one native call.
 *
 * <p>Thread-safe. Once the model is closed only tokens that were asked for before are known.
 */
public final class TokenPieces {

    private final LlamaModel model;
    private final BitSet ends = new BitSet();
    private final AtomicReferenceArray<byte @Nullable []> pieces;
    private volatile @Nullable SortedPieces sorted;

    /** Those of {@code model}, to be read as they are asked for. */
    public TokenPieces(LlamaModel model) {
        this.model = model;
        this.pieces = new AtomicReferenceArray<>(model.vocabularySize());
        int[] attributes = model.tokenAttributes();
        for (int token = 0; token < attributes.length; token++) {
            ends.set(token, (attributes[token] & LlamaModel.END_OF_GENERATION) != 0);
        }
    }

    /** Whether {@code token} ends a reply. */
    public boolean endsGeneration(int token) {
        return ends.get(token);
    }

    /** The model whose tokens these are. */
    public LlamaModel model() {
        return model;
    }

    /** All of them in the order of their bytes, sorted when first asked for. */
    SortedPieces sorted() {
        SortedPieces known = sorted;
        if (known == null) {
            known = new SortedPieces(this, model.vocabularySize());
            sorted = known;
        }
        return known;
    }

    /** The token's bytes, which may be part of a UTF-8 character; none for a control token. Not to be changed. */
    public byte[] bytes(int token) {
        byte[] known = pieces.get(token);
        if (known == null) {
            known = model.piece(token, false);
            pieces.set(token, known);
        }
        return known;
    }
}
