package dev.demur.llama.internal;

import dev.demur.llama.LlamaException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the sequences of a context hold, and what can be done with it besides decoding: forgotten, shared with another sequence, or
 * kept outside the context. For the context's thread.
 */
public final class SequenceMemory {

    private final NativeContext context;
    private final List<HeldTokens> sequences;
    private final SharedCells cells;
    private boolean forgetsTails = true;
    private boolean shares = true;
    private boolean saves = true;

    SequenceMemory(NativeContext context, List<HeldTokens> sequences, SharedCells cells) {
        this.context = context;
        this.sequences = sequences;
        this.cells = cells;
    }

    /** How many cells hold a token; one that several sequences share counts once. */
    public int cellsInUse() {
        return cells.inUse();
    }

    /** With how many of the tokens that a sequence holds a prompt begins, less than all of the prompt. */
    public int common(int sequence, int[] prompt) {
        return sequences.get(sequence).tokens.commonBeginning(prompt, prompt.length - 1);
    }

    /** Whether a sequence can forget a part of what it holds; false once it was seen that it cannot, as in recurrent models. */
    public boolean forgetsTails() {
        return forgetsTails;
    }

    /** Forgets all tokens of a sequence. */
    public void clear(int sequence) {
        context.remove(sequence, 0);
        sequences.get(sequence).clear();
    }

    /** Forgets what follows a sequence's first {@code kept} tokens; where its model can only forget all, all, and is false. */
    public boolean keep(int sequence, int kept) {
        if (kept > 0) {
            try {
                context.remove(sequence, kept);
                sequences.get(sequence).keep(kept);
                return true;
            } catch (LlamaException e) {
                requireUnsupported(e);
                forgetsTails = false; // a recurrent model: what it has read is one state
            }
        }
        clear(sequence);
        return false;
    }

    /**
     * Has a sequence hold the first {@code count} tokens of another, and nothing else, in the same cells.
     *
     * @return false where llama.cpp or the model cannot share; the sequence then is empty
     */
    public boolean share(int from, int to, int count) {
        clear(to);
        if (!shares) {
            return false;
        }
        try {
            context.share(from, to, count);
        } catch (LlamaException e) {
            requireUnsupported(e);
            shares = false;
            return false;
        }
        sequences.get(to).share(sequences.get(from), count);
        return true;
    }

    /** Whether sequences can share tokens; false once it was seen that they cannot. */
    public boolean shares() {
        return shares;
    }

    /**
     * Copies what a sequence holds to memory outside the context.
     *
     * @return null where llama.cpp cannot do that, or there is no memory for it
     */
    public @Nullable SavedTokens save(int sequence) {
        if (!saves) {
            return null;
        }
        try {
            return context.save(sequence, sequences.get(sequence).tokens.toArray());
        } catch (LlamaException e) {
            requireUnsupported(e);
            saves = false;
            return null;
        }
    }

    /**
     * Has a sequence hold what was saved in this context, and nothing else.
     *
     * @return false where the cells that are free do not lie as llama.cpp needs them; the sequence then is empty
     */
    public boolean restore(int sequence, SavedTokens saved) {
        clear(sequence);
        try {
            context.restore(sequence, saved);
        } catch (LlamaException e) {
            if (e.reason() != LlamaException.Reason.FULL) {
                throw e;
            }
            return false;
        }
        sequences.get(sequence).fill(saved.tokens());
        return true;
    }

    private static void requireUnsupported(LlamaException e) {
        if (e.reason() != LlamaException.Reason.UNSUPPORTED) {
            throw e;
        }
    }
}
