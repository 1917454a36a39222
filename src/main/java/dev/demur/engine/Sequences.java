package dev.demur.engine;

import dev.demur.llama.LlamaContext;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Who has which sequence of a context, and how many of the cells that all share are spoken for. A sequence is in use, or idle
 * and kept for its owner, or free. Idle ones give way to those that need their cells, the one that was used longest ago first;
 * their owner's tokens then are decoded again.
 *
 * <p>For the engine's thread.
 */
final class Sequences {

    private final LlamaContext context;
    private final boolean[] inUse;

    /** By whom an idle sequence is kept. */
    private final @Nullable Object[] owners;

    /** When it was given back. */
    private final long[] givenBack;

    /** How many tokens a sequence in use is going to hold. */
    private final int[] reserved;

    private long clock;

    Sequences(LlamaContext context) {
        this.context = context;
        int count = context.sequences();
        this.inUse = new boolean[count];
        this.owners = new @Nullable Object[count];
        this.givenBack = new long[count];
        this.reserved = new int[count];
    }

    /**
     * Takes a sequence into use: its owner's, with the tokens that it holds, or an empty one.
     *
     * @param tokens how many it is going to hold
     * @return -1 where all are in use, or there are not enough cells
     */
    int take(@Nullable Object owner, int tokens) {
        int taken = find(owner);
        if (taken < 0) {
            return -1;
        }
        inUse[taken] = true;
        reserved[taken] = tokens;
        if (!makeRoom(0)) {
            inUse[taken] = false;
            return -1;
        }
        if (owner == null || owners[taken] != owner) {
            context.clear(taken);
        }
        owners[taken] = null;
        return taken;
    }

    private int find(@Nullable Object owner) {
        int oldest = -1;
        for (int i = 0; i < inUse.length; i++) {
            if (inUse[i]) {
                continue;
            }
            if (owner != null && owners[i] == owner) {
                return i;
            }
            if (oldest < 0 || rank(i) < rank(oldest)) {
                oldest = i;
            }
        }
        return oldest;
    }

    /** Free ones first, then those that were given back longest ago. */
    private long rank(int sequence) {
        return owners[sequence] == null ? -1 : givenBack[sequence];
    }

    /** Lets a sequence in use hold as many tokens, if there are cells for them once idle sequences have given way. */
    boolean reserve(int sequence, int tokens) {
        int before = reserved[sequence];
        reserved[sequence] = tokens;
        if (makeRoom(0)) {
            return true;
        }
        reserved[sequence] = before;
        return false;
    }

    /** Whether there are cells for so many tokens more, once idle sequences have given way. */
    boolean makeRoom(int tokens) {
        while (spokenFor() + tokens > context.cells()) {
            int oldest = -1;
            for (int i = 0; i < inUse.length; i++) {
                if (!inUse[i] && owners[i] != null && (oldest < 0 || givenBack[i] < givenBack[oldest])) {
                    oldest = i;
                }
            }
            if (oldest < 0) {
                return false;
            }
            empty(oldest);
        }
        return true;
    }

    private long spokenFor() {
        long tokens = 0;
        for (int i = 0; i < inUse.length; i++) {
            int holds = context.position(i);
            tokens += inUse[i] ? Math.max(holds, reserved[i]) : holds;
        }
        return tokens;
    }

    /**
     * Gives a sequence back.
     *
     * @param owner keeps its tokens; null: they are forgotten
     */
    void giveBack(int sequence, @Nullable Object owner) {
        inUse[sequence] = false;
        reserved[sequence] = 0;
        givenBack[sequence] = clock++;
        owners[sequence] = owner;
        if (owner == null) {
            context.clear(sequence);
        }
    }

    /** Forgets what is kept for an owner. */
    void forget(Object owner) {
        for (int i = 0; i < inUse.length; i++) {
            if (!inUse[i] && owners[i] == owner) {
                empty(i);
            }
        }
    }

    private void empty(int sequence) {
        context.clear(sequence);
        owners[sequence] = null;
    }

    /** How many sequences are idle and kept. */
    int idle() {
        return (int) Arrays.stream(owners).filter(owner -> owner != null).count();
    }
}
