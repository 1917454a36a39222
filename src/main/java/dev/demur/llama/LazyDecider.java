package dev.demur.llama;

import dev.demur.bindings.Bindings;
import dev.demur.policy.BoundPolicy;
import dev.demur.policy.LazyChoice;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Decides at the first position by one policy, for kind and category alone, and reads no more of the row than that takes.
 *
 * <p>Where the decision is not settled by the control tokens' logits the row is read until its sum can be bounded well
 * enough, and where that does not settle it either the logits processor decides. The choice is always the one of {@link
 * LogitsProcessor#decide}, with one exception: NaN or +inf is an error only where it was read. Among the control tokens'
 * logits it always is; elsewhere a row with such a logit may be decided by the others.
 *
 * <p>For one thread at a time; {@link #close} may come from any thread.
 */
public final class LazyDecider implements AutoCloseable {

    private final LogitsProcessor processor;
    private final Bindings bindings;
    private final BoundPolicy policy;
    private final LazyChoice choice;
    private final double temperature;
    private final double[] logits;
    private final Handle handle;
    private final CallFrame frame;
    private final ByteBuffer data;
    private final int idsAt;
    private final int ascendingAt;

    LazyDecider(LogitsProcessor processor, Bindings bindings, BoundPolicy policy) {
        this.processor = processor;
        this.bindings = bindings;
        this.policy = policy;
        this.choice = new LazyChoice(policy.policy(), policy.tokens());
        this.temperature = policy.policy().temperature();
        int[] ids = policy.tokens().ids();
        this.logits = new double[ids.length];
        this.idsAt = (int) LogitsProcessor.room(ids.length); // the processor, asked last, writes before it
        this.ascendingAt = idsAt + 4 * ids.length;
        this.frame = CallFrame.open(bindings, ascendingAt + 4L * ids.length);
        this.handle = new Handle("the decider", frame.dataAddress(), address -> frame.close());
        this.data = frame.data();
        put(idsAt, ids);
        Arrays.sort(ids);
        put(ascendingAt, ids);
    }

    private void put(int at, int[] ids) {
        for (int i = 0; i < ids.length; i++) {
            data.putInt(at + 4 * i, ids[i]);
        }
    }

    /**
     * The choice at the context's last decoded position.
     *
     * @return the index of the category that is refused, K for the respond token, or {@link BoundPolicy#MODEL_TOKEN}
     * @throws LlamaException if what was read of the row holds NaN or +inf, or all of it is -inf
     */
    public int choose(LlamaContext context) {
        int vocabulary = context.model().vocabularySize();
        return context.withLogits((row, contextFrame) -> choose(row, vocabulary));
    }

    int choose(long row, int vocabulary) {
        handle.acquire();
        try {
            return chooseOpen(row, vocabulary);
        } finally {
            handle.release();
        }
    }

    private int chooseOpen(long row, int vocabulary) {
        int chosen = byLogits(row, vocabulary);
        if (chosen == LazyChoice.UNDECIDED && choice.boundsHelp()) {
            chosen = byBounds(row, vocabulary);
        }
        return chosen == LazyChoice.UNDECIDED
                ? policy.choose(processor.certain(row, vocabulary, policy, frame))
                : chosen;
    }

    private int byLogits(long row, int vocabulary) {
        frame.check(bindings.controlLogits(
                row, vocabulary, frame.dataAddress() + idsAt, logits.length, frame.dataAddress(), frame.error()));
        for (int i = 0; i < logits.length; i++) {
            logits[i] = data.getDouble(8 * i);
        }
        return choice.begin(logits);
    }

    private int byBounds(long row, int vocabulary) {
        frame.check(bindings.sumBounds(
                processor.kernel().code(),
                row,
                vocabulary,
                frame.dataAddress() + ascendingAt,
                logits.length,
                temperature,
                choice.enough(),
                frame.dataAddress(),
                frame.error()));
        return choice.within(data.getDouble(0), data.getDouble(8));
    }

    @Override
    public void close() {
        handle.close();
    }
}
