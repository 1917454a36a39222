package dev.demur.engine;

import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.SavedTokens;
import dev.demur.llama.internal.SequenceMemory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Who has which sequence of a context, and how many of the cells that all share are spoken for. A sequence is in use; or idle and
 * kept for its owner, such as a conversation; or idle and kept for the {@linkplain Blocks blocks} that prompts to come may begin
 * with; or empty. Idle ones give way to those that need their cells, the one that was used longest ago first. What was an owner's is
 * {@linkplain SavedConversations saved} then, as long as there is room for that; else its tokens are decoded again.
 *
 * <p>A prompt that begins with blocks that any sequence holds shares the cells of these, and only the rest of it is decoded.
 *
 * <p>For the engine's thread.
 */
final class Sequences implements AutoCloseable {

    private final LlamaContext context;
    private final SequenceMemory memory;
    private final boolean[] inUse;

    /** By whom an idle sequence is kept. */
    private final @Nullable Object[] owners;

    /** When it was given back, or shared last. */
    private final long[] used;

    /** How many tokens a sequence in use is going to hold. */
    private final int[] reserved;

    /** How many of a sequence's tokens, from the first on, were decoded as parts of prompts; a reply's come token by token. */
    private final int[] prompted;

    private final SavedConversations saved;
    private long clock;

    /** A book for a context. */
    Sequences(LlamaContext context) {
        this.context = context;
        this.memory = context.memory();
        int count = context.sequences();
        this.inUse = new boolean[count];
        this.owners = new @Nullable Object[count];
        this.used = new long[count];
        this.reserved = new int[count];
        this.prompted = new int[count];
        this.saved = new SavedConversations(context.cells()); // outside the context as much as in it
    }

    // ---- taking one

    /**
     * Takes a sequence into use: its owner's, with the tokens that it held, or one that shares what there is of the prompt's
     * beginning.
     *
     * @param prompt what it is to hold
     * @param tokens how many it is going to hold, with what follows the prompt
     * @return -1 where all are in use, or there are not enough cells
     */
    int take(@Nullable Object owner, int[] prompt, int tokens) {
        int source = source(prompt);
        int shared = source < 0 ? 0 : common(source, prompt);
        int taken = ownedBy(owner);
        boolean own = taken >= 0;
        if (!own) {
            taken = idle(source, shared);
        }
        if (taken < 0) {
            return -1;
        }
        if (own && memory.common(taken, prompt) >= shared) {
            prompted[taken] = Math.min(prompted[taken], memory.common(taken, prompt));
        } else {
            owners[taken] = own ? null : owners[taken]; // its tokens are of no use any more
            share(source, taken, shared);
        }
        inUse[taken] = true;
        reserved[taken] = tokens;
        if (!makeRoom(0)) {
            inUse[taken] = false;
            reserved[taken] = 0;
            return -1;
        }
        owners[taken] = null;
        if (!own) {
            restore(owner, taken, prompt);
        }
        return taken;
    }

    private int ownedBy(@Nullable Object owner) {
        for (int i = 0; i < owners.length; i++) {
            if (owner != null && owners[i] == owner) {
                return i;
            }
        }
        return -1;
    }

    /** The sequence that has most of a prompt's beginning; -1 where none has a block of it. */
    private int source(int[] prompt) {
        int best = -1;
        int most = 0;
        for (int i = 0; i < inUse.length; i++) {
            int common = common(i, prompt);
            if (common > most) {
                best = i;
                most = common;
            }
        }
        return best;
    }

    private int common(int sequence, int[] prompt) {
        int blocks = blocks(sequence);
        return blocks == 0 ? 0 : Blocks.whole(Math.min(blocks, memory.common(sequence, prompt)));
    }

    /** How many of a sequence's tokens others can share. */
    private int blocks(int sequence) {
        return Blocks.whole(Math.min(prompted[sequence], context.position(sequence)));
    }

    /** An idle sequence for a prompt that shares so many tokens of the source, at the least cost; -1 where there is none. */
    private int idle(int source, int shared) {
        int best = -1;
        for (int i = 0; i < inUse.length; i++) {
            if (!inUse[i] && (best < 0 || cost(i, source, shared) < cost(best, source, shared))) {
                best = i;
            }
        }
        return best;
    }

    /** What is lost with a sequence: nothing, blocks that nobody needs now, some of those that somebody does, a conversation. */
    private long cost(int sequence, int source, int shared) {
        long age = used[sequence];
        if (context.position(sequence) == 0 || (sequence == source && blocks(source) == shared && !isOwned(sequence))) {
            return -1;
        }
        return isOwned(sequence) ? (2L << 60) + age : sequence == source ? (1L << 60) : age;
    }

    private boolean isOwned(int sequence) {
        return owners[sequence] != null;
    }

    /** Has a sequence hold what is shared, and nothing else. */
    private void share(int source, int taken, int shared) {
        if (source >= 0) {
            used[source] = clock++;
        }
        if (source == taken) {
            prompted[taken] = memory.keep(taken, shared) ? shared : 0;
            return;
        }
        giveWay(taken);
        prompted[taken] = source >= 0 && memory.share(source, taken, shared) ? shared : 0;
    }

    /** Brings back what was saved for an owner, if that is more than is there. */
    private void restore(@Nullable Object owner, int taken, int[] prompt) {
        try (SavedTokens held = saved.take(owner)) {
            if (held != null && held.common(prompt) > context.position(taken)) {
                prompted[taken] = 0;
                memory.restore(taken, held);
            }
        }
    }

    /** Whether what an older request decodes now of a prompt's beginning will be there to share, and is not yet. */
    boolean isComing(int[] prompt, int[] other, int sequence) {
        int coming = Blocks.common(prompt, other);
        int source = source(prompt);
        return memory.shares()
                && prompted[sequence] == context.position(sequence)
                && context.position(sequence) < coming
                && coming > (source < 0 ? 0 : common(source, prompt));
    }

    /** Tokens of a prompt were decoded in a sequence, from one position to another. */
    void decoded(int sequence, int from, int to) {
        if (prompted[sequence] == from) {
            prompted[sequence] = to;
        }
    }

    // ---- cells

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
                if (!inUse[i] && context.position(i) > 0 && (oldest < 0 || used[i] < used[oldest])) {
                    oldest = i;
                }
            }
            if (oldest < 0) {
                return false;
            }
            giveWay(oldest);
        }
        return true;
    }

    private long spokenFor() {
        long tokens = memory.cellsInUse();
        for (int i = 0; i < inUse.length; i++) {
            tokens += inUse[i] ? Math.max(0, reserved[i] - context.position(i)) : 0;
        }
        return tokens;
    }

    /** Empties an idle sequence; what is an owner's is saved where that can be. */
    private void giveWay(int sequence) {
        Object owner = owners[sequence];
        if (owner != null && context.position(sequence) > 0) {
            SavedTokens held = memory.save(sequence);
            if (held != null) {
                saved.put(owner, held);
            }
        }
        empty(sequence);
    }

    private void empty(int sequence) {
        memory.clear(sequence);
        owners[sequence] = null;
        prompted[sequence] = 0;
    }

    // ---- giving one back

    /**
     * Gives a sequence back.
     *
     * @param owner keeps its tokens; null: only blocks are kept that a prompt to come may begin with
     */
    void giveBack(int sequence, @Nullable Object owner) {
        inUse[sequence] = false;
        reserved[sequence] = 0;
        used[sequence] = clock++;
        owners[sequence] = owner;
        if (owner == null) {
            int blocks = blocks(sequence);
            if (blocks == 0 || isElsewhere(sequence, blocks) || !memory.keep(sequence, blocks)) {
                empty(sequence);
            }
        }
    }

    /** Whether another sequence has the same blocks. */
    private boolean isElsewhere(int sequence, int blocks) {
        int[] prompt = Arrays.copyOf(context.tokens(sequence), blocks + 1);
        for (int i = 0; i < inUse.length; i++) {
            if (i != sequence && common(i, prompt) == blocks) {
                return true;
            }
        }
        return false;
    }

    /** Forgets what is kept for an owner. */
    void forget(Object owner) {
        saved.forget(owner);
        for (int i = 0; i < inUse.length; i++) {
            if (!inUse[i] && owners[i] == owner) {
                giveBack(i, null);
            }
        }
    }

    /** How many tokens are saved outside the context. */
    long savedTokens() {
        return saved.tokens();
    }

    /** Frees what was saved. */
    @Override
    public void close() {
        saved.close();
    }
}
