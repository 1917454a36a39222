package dev.demur.llama.internal;

import dev.demur.bindings.Bindings;
import dev.demur.llama.HiddenState;
import dev.demur.llama.LlamaException;
import java.util.List;

/**
 * The hidden states that a context captures while it decodes: the residual stream behind blocks of the model, at a
 * sequence's output or as the mean over some of its tokens. Numbers are floats, as the model computes them.
 *
 * <p>{@link LlamaContext#decode} captures, a step never does. A mean is kept as long as the sequence holds the tokens that it
 * is taken over, so that a prompt that goes on from what is held has the same one as a prompt decoded anew. A context that
 * captures nothing pays nothing.
 *
 * <p>For one thread at a time, as its context, which closes it.
 */
public final class HiddenStates {

    private final NativeContext context;
    private final int width;
    private final int size;

    HiddenStates(NativeContext context, List<HiddenState> values) {
        this.context = context;
        this.width = context.model().embeddingSize();
        this.size = Math.multiplyExact(values.size(), width);
        Bindings bindings = context.bindings();
        try (NativeCallBuffer frame = NativeCallBuffer.open(bindings, 8L * values.size())) {
            for (int i = 0; i < values.size(); i++) {
                frame.data().putInt(4 * i, values.get(i).layer());
                frame.data()
                        .putInt(4 * (values.size() + i), values.get(i).pooling().ordinal());
            }
            long at = frame.dataAddress();
            context.call(address -> frame.check(
                    bindings.contextHidden(address, at, at + 4L * values.size(), values.size(), frame.error())));
        } finally {
            LlamaLog.drain(bindings);
        }
    }

    /** How many numbers one value has: the model's embedding size. */
    public int width() {
        return width;
    }

    /** How many numbers all values have together. */
    public int size() {
        return size;
    }

    /** Names the positions that a sequence's mean is taken over; how many tokens it may hold for the mean to become known. */
    int range(int sequence, int from, int to) {
        Bindings bindings = context.bindings();
        try (NativeCallBuffer frame = NativeCallBuffer.open(bindings, 0)) {
            context.call(address ->
                    frame.check(bindings.contextHiddenRange(address, sequence, from, to, frame.out(), frame.error())));
            return frame.outInt();
        }
    }

    /**
     * What was captured of a sequence: each value's numbers, in the order in which they were asked for.
     *
     * @throws IllegalArgumentException if the last decode gave the sequence no output, or not all of the tokens that its mean
     *     is taken over were decoded
     * @throws LlamaException with reason LOGITS if a number is not finite
     */
    public float[] read(int sequence) {
        Bindings bindings = context.bindings();
        float[] out = new float[size];
        try (NativeCallBuffer frame = NativeCallBuffer.open(bindings, 4L * size)) {
            context.call(address ->
                    frame.check(bindings.contextHiddenRead(address, sequence, frame.dataAddress(), frame.error())));
            frame.data().asFloatBuffer().get(out);
        }
        return out;
    }
}
