package dev.demur.llama;

import dev.demur.bindings.Bindings;
import dev.demur.policy.BoundPolicy;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Decision;
import dev.demur.policy.Readout;
import dev.demur.policy.RefusalPolicy;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the probabilities of the control tokens from the logits row of the first position and has a policy decide.
 *
 * <p>The row is read where llama.cpp keeps it; K + 1 probabilities and logits come back. A SIMD kernel decides only where
 * its proven error interval holds no threshold; otherwise the scalar kernel, which is the specification, reads the row
 * again. Thread-safe.
 */
public final class LogitsProcessor {

    private final Bindings bindings;
    private final Kernel kernel;

    /** A processor with the kernel of that name, or, for null, the one that {@link Kernel#choose} chooses. */
    public LogitsProcessor(LlamaRuntime runtime, @Nullable String kernel) {
        this.bindings = runtime.bindings();
        this.kernel = Kernel.choose(bindings, kernel);
    }

    /** The kernel that reads the rows first; the scalar one reads again what it leaves uncertain. */
    public Kernel kernel() {
        return kernel;
    }

    /**
     * The decision at the context's last decoded position; where that was read in the compute graph, from its numbers.
     *
     * @throws IllegalStateException if it was read in the graph and with another &tau; than the policy's
     * @throws LlamaException if the row holds NaN or +inf, or nothing but -inf
     * @throws dev.demur.policy.PolicyException if the policy names tokens that the model does not have
     */
    public Decision decide(LlamaContext context, ControlTokens tokens, RefusalPolicy policy) {
        BoundPolicy bound = policy.bind(tokens);
        if (context.processing() == Processing.IN_GRAPH) {
            return context.decideInGraph(bound);
        }
        int vocabulary = context.model().vocabularySize();
        return context.withLogits((row, frame) -> decide(row, vocabulary, bound, frame));
    }

    Decision decide(long row, int vocabulary, BoundPolicy policy, CallFrame frame) {
        return policy.decide(certain(row, vocabulary, policy, frame));
    }

    /** A readout on which the policy decides as on the scalar kernel's. */
    Readout certain(long row, int vocabulary, BoundPolicy policy, CallFrame frame) {
        double temperature = policy.policy().temperature();
        Readout readout = read(kernel, row, vocabulary, policy.tokens(), temperature, frame);
        return policy.isCertain(readout)
                ? readout
                : read(Kernel.SCALAR, row, vocabulary, policy.tokens(), temperature, frame);
    }

    /** What {@link #read} takes of a frame for this many control tokens. */
    static long room(int tokens) {
        return 8L * Readout.numbers(tokens) + 4L * tokens;
    }

    /** Reads {@code vocabulary} floats at the address {@code row}, which does not lie in the frame. */
    Readout read(Kernel with, long row, int vocabulary, ControlTokens tokens, double temperature, CallFrame frame) {
        int count = tokens.respondIndex() + 1;
        frame.require(room(count));
        ByteBuffer data = frame.data();
        int idsAt = 8 * Readout.numbers(count);
        for (int i = 0; i < count; i++) {
            data.putInt(idsAt + 4 * i, tokens.token(i));
        }
        frame.check(bindings.readout(
                with.code(),
                row,
                vocabulary,
                frame.dataAddress() + idsAt,
                count,
                temperature,
                frame.dataAddress(),
                frame.error()));
        return Readout.of(tokens, temperature, data);
    }
}
