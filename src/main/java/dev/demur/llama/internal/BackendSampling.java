package dev.demur.llama.internal;

import dev.demur.bindings.Bindings;
import dev.demur.llama.LlamaException;
import java.util.Arrays;

/**
 * What the compute graph of one context reads by itself: the numbers of some tokens, and the token that follows. Rules go
 * in before a decode, numbers come out; what they mean is the caller's.
 *
 * <p>For one thread at a time, as its context, which closes it.
 */
public final class BackendSampling {

    /** What the graph's single precision can divide logits by; the same numbers in {@code graph.c}. */
    public static final double COLDEST = 1e-6;

    public static final double HOTTEST = 1e6;

    /** How the device chooses the token that follows: the values of {@code demur_graph_mode}. */
    public enum Mode {
        /** The likeliest that is none of the tokens that are read. */
        DRAW,
        /** By p and thresholds. */
        THRESHOLD,
        /** By p / (p + p of the last token) and thresholds. */
        RELATIVE
    }

    private final NativeContext context;
    private final int[] ids;
    private boolean attached;

    BackendSampling(NativeContext context, int[] ids) {
        this.context = context;
        this.ids = ids.clone();
    }

    /** Whether the graph reads from the next decode on; else the rows come to the host. */
    public boolean isAttached() {
        return attached;
    }

    /**
     * Has the graph read from the next decode on; every sequence begins with {@link Mode#DRAW}.
     *
     * @throws LlamaException with reason UNSUPPORTED where the library or the device cannot do that
     */
    public void attach() {
        Bindings bindings = context.bindings();
        try (NativeCallBuffer frame = NativeCallBuffer.open(bindings, 4L * ids.length)) {
            frame.data().asIntBuffer().put(ids);
            context.call(address ->
                    frame.check(bindings.contextGraph(address, frame.dataAddress(), ids.length, frame.error())));
            attached = true;
        } finally {
            LlamaLog.drain(bindings);
        }
    }

    /** Has the rows come to the host again. */
    public void detach() {
        if (attached) {
            Bindings bindings = context.bindings();
            try (NativeCallBuffer frame = NativeCallBuffer.open(bindings, 0)) {
                context.call(address -> frame.check(bindings.contextGraph(address, 0, 0, frame.error())));
            }
            attached = false;
        }
    }

    /**
     * How the next outputs of a sequence are read.
     *
     * @param temperature &tau; of the probabilities, from {@link #COLDEST} to {@link #HOTTEST}
     * @param thresholds of all tokens but the last, NaN where there is none
     * @param order the place of each among those of equal logits
     */
    public void decide(int sequence, Mode mode, double temperature, double[] thresholds, int[] order) {
        try (NativeCallBuffer frame = NativeCallBuffer.open(context.bindings(), 12L * thresholds.length)) {
            for (int i = 0; i < thresholds.length; i++) {
                frame.data().putDouble(8 * i, thresholds[i]);
                frame.data().putInt(8 * thresholds.length + 4 * i, order[i]);
            }
            long at = frame.dataAddress();
            context.call(address -> frame.check(context.bindings()
                    .contextPolicy(
                            address,
                            sequence,
                            mode.ordinal(),
                            temperature,
                            at,
                            at + 8L * thresholds.length,
                            frame.error())));
        }
    }

    /**
     * An output of the last decode.
     *
     * @param values of each token the probability, then of each the logit
     * @param argmax the likeliest token of the vocabulary
     * @param token the one that the device took
     * @param bytes how many came to the host
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Output(double[] values, int argmax, int token, long bytes) {}

    /**
     * Reads an output.
     *
     * @param index of the token in the last decode
     * @throws LlamaException if the row holds NaN or +inf, or nothing but -inf
     */
    Output read(int index) {
        Bindings bindings = context.bindings();
        double[] out = new double[2 * ids.length + 3];
        try (NativeCallBuffer frame = NativeCallBuffer.open(bindings, 8L * out.length)) {
            context.call(address ->
                    frame.check(bindings.contextNumbers(address, index, frame.dataAddress(), frame.error())));
            frame.data().asDoubleBuffer().get(out);
        }
        int values = 2 * ids.length;
        return new Output(Arrays.copyOf(out, values), (int) out[values], (int) out[values + 1], (long) out[values + 2]);
    }
}
