package dev.demur.llama.internal;

import java.util.Arrays;

/** What one sequence of a context holds, as far as Java knows. */
final class HeldTokens {

    final TokenList tokens = new TokenList();

    /** Whether it holds the shared beginning as decoded by itself, and nothing of it has been forgotten since. */
    boolean begun;

    /** The index of its output in the last decode; -1 where it has none. */
    int output = -1;

    private final SharedCells cells;
    private final int sequence;

    HeldTokens(SharedCells cells, int sequence) {
        this.cells = cells;
        this.sequence = sequence;
    }

    /** Holds no more than the first {@code kept} tokens. */
    void keep(int kept) {
        tokens.truncate(kept);
        output = -1;
        cells.resize(sequence, tokens.size());
    }

    void clear() {
        keep(0);
        begun = false;
    }

    /** Holds, being empty, the first tokens of another one in the same cells. */
    void share(HeldTokens other, int count) {
        tokens.addAll(Arrays.copyOf(other.tokens.toArray(), count));
        cells.share(other.sequence, sequence, count);
    }

    /** Holds, being empty, these tokens. */
    void fill(int[] held) {
        tokens.addAll(held);
        cells.resize(sequence, tokens.size());
    }

    /** After a decode of {@code wanted}, which it was to hold: after a failure only llama.cpp knows its position. */
    void note(int[] wanted, int position) {
        int before = tokens.size();
        tokens.truncate(position);
        begun &= position >= before;
        if (position > before) {
            tokens.addAll(Arrays.copyOfRange(wanted, before, position));
        }
        cells.resize(sequence, tokens.size());
    }

    /** After a step that decoded nothing: it is as it was, or all of it is forgotten. */
    void noteFailedStep(int position) {
        begun = false;
        tokens.truncate(position);
        cells.resize(sequence, tokens.size());
    }

    /** After a step: its output has this index. */
    void noteStep(int token, int index) {
        tokens.add(token);
        begun = false; // a sliding window may move beyond the beginning
        output = index;
        cells.resize(sequence, tokens.size());
    }
}
