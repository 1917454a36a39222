package dev.demur.llama.internal;

import java.util.Arrays;
import java.util.BitSet;

/** A growing list of token ids. */
final class TokenList {

    private int[] values = new int[64];
    private int size;

    void add(int token) {
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        values[size++] = token;
    }

    void addAll(int[] tokens) {
        if (tokens.length > values.length - size) {
            values = Arrays.copyOf(values, Math.max(2 * size, size + tokens.length));
        }
        System.arraycopy(tokens, 0, values, size, tokens.length);
        size += tokens.length;
    }

    int size() {
        return size;
    }

    /** Leaves the first {@code newSize} tokens, or all where there are fewer. */
    void truncate(int newSize) {
        size = Math.min(size, newSize);
    }

    /** How many tokens, at most {@code most}, this list and {@code tokens} both begin with. */
    int commonBeginning(int[] tokens, int most) {
        int common = 0;
        while (common < Math.min(size, most) && values[common] == tokens[common]) {
            common++;
        }
        return common;
    }

    int[] toArray() {
        return Arrays.copyOf(values, size);
    }

    /** Whether one of these tokens is in the set. */
    static boolean anyIn(BitSet set, int[] tokens) {
        for (int token : tokens) {
            if (set.get(token)) {
                return true;
            }
        }
        return false;
    }
}
