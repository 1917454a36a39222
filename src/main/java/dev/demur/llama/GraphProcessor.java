package dev.demur.llama;

import dev.demur.bindings.Bindings;
import dev.demur.policy.BoundPolicy;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Decision;
import dev.demur.policy.Readout;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The logits processor in the compute graph of one context: policies go in before a decode, and what the host decides from
 * comes out. The device decides too, by the rules {@code threshold} and {@code relative}; where rounding makes its token
 * another one, the host's stands and that is counted.
 *
 * <p>For one thread at a time, as its context.
 */
final class GraphProcessor {

    /** The values of {@code demur_graph_mode}. */
    private static final int DRAW = 0;

    private static final int THRESHOLD = 1;
    private static final int RELATIVE = 2;

    /** What the graph's single precision can divide logits by; the same numbers in {@code graph.c}. */
    private static final double COLDEST = 1e-6;

    private static final double HOTTEST = 1e6;

    private final NativeContext context;
    private final ControlTokens tokens;

    /** Per sequence: what its next outputs are read by. */
    private final @Nullable BoundPolicy[] prepared;

    private boolean attached;
    private @Nullable String impossible;
    private long differences;

    GraphProcessor(NativeContext context, ControlTokens tokens, int sequences) {
        this.context = context;
        this.tokens = tokens;
        this.prepared = new @Nullable BoundPolicy[sequences];
        attach();
    }

    boolean isAttached() {
        return attached;
    }

    /** How often the device's token was not that of the decision. */
    long differences() {
        return differences;
    }

    /** Has the graph read from the next decode on; where it cannot, says so in the log, once. */
    private void attach() {
        Bindings bindings = context.bindings();
        int[] ids = tokens.ids();
        try (CallFrame frame = CallFrame.open(bindings, 4L * ids.length)) {
            frame.data().asIntBuffer().put(ids);
            context.call(address ->
                    frame.check(bindings.contextGraph(address, frame.dataAddress(), ids.length, frame.error())));
            attached = true;
        } catch (LlamaException e) {
            if (e.reason() != LlamaException.Reason.UNSUPPORTED) {
                throw e;
            }
            impossible = e.getMessage();
            LlamaLog.warn("The logits come to the host and are read there. " + e.getMessage());
        }
        LlamaLog.drain(bindings);
        Arrays.fill(prepared, null);
    }

    /** Has the rows come to the host again. */
    void detach() {
        if (attached) {
            Bindings bindings = context.bindings();
            try (CallFrame frame = CallFrame.open(bindings, 0)) {
                context.call(address -> frame.check(bindings.contextGraph(address, 0, 0, frame.error())));
            }
            attached = false;
        }
    }

    /**
     * Has the next outputs of a sequence decided by a policy, in the graph where it can.
     *
     * @return whether it can
     * @throws dev.demur.policy.PolicyException if the policy names tokens that the model does not have
     */
    boolean prepare(int sequence, RefusalPolicy policy) {
        BoundPolicy bound = policy.bind(tokens);
        if (impossible != null || policy.temperature() < COLDEST || policy.temperature() > HOTTEST) {
            detach();
            return false;
        }
        if (!attached) {
            attach();
        }
        if (attached) {
            send(sequence, bound);
            prepared[sequence] = bound;
        }
        return attached;
    }

    /** Has the next outputs of a sequence give the likeliest token that is no control token. */
    void draw(int sequence) {
        if (prepared[sequence] != null) {
            try (CallFrame frame = CallFrame.open(context.bindings(), 0)) {
                send(frame, sequence, DRAW, 1, 0, 0);
            }
            prepared[sequence] = null;
        }
    }

    private void send(int sequence, BoundPolicy policy) {
        int categories = tokens.respondIndex();
        try (CallFrame frame = CallFrame.open(context.bindings(), 12L * categories)) {
            ByteBuffer data = frame.data();
            int[] declared = policy.declared();
            for (int place = 0; place < categories; place++) {
                data.putDouble(8 * place, policy.threshold(place));
                data.putInt(8 * categories + 4 * declared[place], place);
            }
            send(
                    frame,
                    sequence,
                    mode(policy.policy().rule()),
                    policy.policy().temperature(),
                    frame.dataAddress(),
                    frame.dataAddress() + 8L * categories);
        }
    }

    private void send(CallFrame frame, int sequence, int mode, double temperature, long thresholds, long order) {
        context.call(address -> frame.check(context.bindings()
                .contextPolicy(address, sequence, mode, temperature, thresholds, order, frame.error())));
    }

    private static int mode(Rule rule) {
        return switch (rule) {
            case THRESHOLD -> THRESHOLD;
            case RELATIVE -> RELATIVE;
            case TOP_CATEGORY, SUM, LOGIT_BIAS -> DRAW; // the host alone decides by these
        };
    }

    /**
     * The decision at an output of the last decode, made on the host by the same rules as everywhere.
     *
     * @param index of the output
     * @throws IllegalStateException if the sequence was not prepared with a policy of this &tau;
     * @throws LlamaException if the row holds NaN or +inf, or nothing but -inf
     */
    Decision decide(int index, int sequence, BoundPolicy policy) {
        BoundPolicy by = prepared[sequence];
        Numbers numbers = read(index, sequence, policy.policy().temperature());
        Decision decision = policy.decide(numbers.readout);
        if (by != null
                && mode(policy.policy().rule()) != DRAW
                && by.policy().equals(policy.policy())
                && decision.token() != numbers.token) {
            differences++;
            LlamaLog.note("The device chose token " + numbers.token + " and the policy token " + decision.token()
                    + ", which stands.");
        }
        return decision;
    }

    /** The token that the device took at an output; errors as for {@link #decide}, whatever the sequence is prepared for. */
    int token(int index) {
        return (int) read(index)[2 * (tokens.respondIndex() + 1) + 1];
    }

    /** The numbers of an output; errors as for {@link #decide}. */
    Readout readout(int index, int sequence, double temperature) {
        return read(index, sequence, temperature).readout;
    }

    /** How many bytes the output brought to the host; errors as for {@link #decide}. */
    long bytes(int index, int sequence, double temperature) {
        return read(index, sequence, temperature).bytes;
    }

    private record Numbers(Readout readout, int token, long bytes) {}

    private Numbers read(int index, int sequence, double temperature) {
        BoundPolicy by = prepared[sequence];
        if (by == null || by.policy().temperature() != temperature) {
            throw new IllegalStateException("the compute graph was not prepared for a temperature of " + temperature
                    + ": give the policy before the prompt is decoded");
        }
        int count = tokens.respondIndex() + 1;
        double[] out = read(index);
        double[] probabilities = Arrays.copyOf(out, count);
        for (int i = 0; i < count; i++) {
            probabilities[i] = Math.min(1, probabilities[i]); // a sum in single precision may fall short
        }
        double[] logits = Arrays.copyOfRange(out, count, 2 * count);
        Readout readout = Readout.of(tokens, temperature, probabilities, logits, (int) out[2 * count], 0);
        return new Numbers(readout, (int) out[2 * count + 1], (long) out[2 * count + 2]);
    }

    /** An output: p and z of the control tokens, the argmax, the token that the device took, the bytes of all this. */
    private double[] read(int index) {
        Bindings bindings = context.bindings();
        double[] out = new double[2 * (tokens.respondIndex() + 1) + 3];
        try (CallFrame frame = CallFrame.open(bindings, 8L * out.length)) {
            context.call(address ->
                    frame.check(bindings.contextNumbers(address, index, frame.dataAddress(), frame.error())));
            frame.data().asDoubleBuffer().get(out);
        }
        return out;
    }
}
