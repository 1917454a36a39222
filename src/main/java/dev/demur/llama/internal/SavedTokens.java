package dev.demur.llama.internal;

import dev.demur.bindings.Bindings;

/**
 * What a sequence held, copied to memory outside its context; {@link SequenceMemory#restore} brings it back. To be closed; for one
 * thread at a time.
 */
public final class SavedTokens implements AutoCloseable {

    private final Bindings bindings;
    private final long address;
    private final long bytes;
    private final int[] tokens;
    private boolean closed;

    /** Takes over memory that holds this. */
    SavedTokens(Bindings bindings, long address, long bytes, int[] tokens) {
        this.bindings = bindings;
        this.address = address;
        this.bytes = bytes;
        this.tokens = tokens;
    }

    /** How much memory it takes. */
    public long bytes() {
        return bytes;
    }

    /** How many tokens it is. */
    public int size() {
        return tokens.length;
    }

    /** With how many of these tokens a prompt begins, less than all of the prompt. */
    public int common(int[] prompt) {
        int common = 0;
        while (common < Math.min(tokens.length, prompt.length - 1) && tokens[common] == prompt[common]) {
            common++;
        }
        return common;
    }

    long address() {
        if (closed) {
            throw new IllegalStateException("what was saved is closed");
        }
        return address;
    }

    int[] tokens() {
        return tokens;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            bindings.memoryFree(address);
        }
    }
}
