package dev.demur.llama;

import dev.demur.policy.ControlTokens;
import dev.demur.policy.Readout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A context for prompts that only their first position is asked of: several at once, each in a sequence of its own, and
 * what they all begin with decoded once per sequence.
 *
 * <p>What a prompt gives depends on the prompts that it shares a decode with, within the noise of floating-point sums,
 * but not on those before. For one thread at a time; {@link #close} may come from any thread and lets a call that is
 * under way finish.
 */
public final class BatchContext implements AutoCloseable {

    private final NativeContext context;
    private final LogitsProcessor processor;
    private final int sequences;
    private final int size;
    private final int[] beginning;

    /** Per sequence: whether it holds the beginning, and nothing of it has been forgotten since. */
    private final boolean[] begun;

    /** Per prompt of the last decode: the index of its last token. */
    private int[] lastIndex = {};

    private boolean forgetsTails = true;

    private BatchContext(NativeContext context, int sequences, int[] beginning) {
        this.context = context;
        this.processor = new LogitsProcessor(context.model().runtime(), Kernel.SCALAR.id());
        this.sequences = sequences;
        this.size = context.size();
        this.beginning = beginning.clone();
        this.begun = new boolean[sequences];
    }

    /**
     * A context of {@code sequences} sequences.
     *
     * @param size the most tokens of a prompt; 0 for the length that the model was trained for
     * @param batchSize the most tokens that are decoded in one go
     * @param threads how many threads compute
     * @param beginning the tokens that most prompts begin with, fewer than {@code size}; may be empty
     * @throws LlamaException if there is not enough memory
     */
    public static BatchContext create(
            LlamaModel model, int sequences, int size, int batchSize, int threads, int[] beginning) {
        return new BatchContext(NativeContext.create(model, size, batchSize, sequences, threads), sequences, beginning);
    }

    /**
     * Lets {@code cancellation}, if there is one, end the decodes until the scope is closed: they then throw a {@link
     * java.util.concurrent.CancellationException}. One scope at a time; closing the context meanwhile is safe.
     */
    public Cancellation.Scope cancelledBy(@Nullable Cancellation cancellation) {
        return context.cancelledBy(cancellation);
    }

    /** The most prompts of one decode. */
    public int sequences() {
        return sequences;
    }

    /** The most tokens of a prompt. */
    public int size() {
        return size;
    }

    /** How many of the prompts from {@code first} on one {@link #decode} takes; at least 1 where there is one. */
    public int fitting(List<int[]> prompts, int first) {
        int tokens = 0;
        int fitting = 0;
        while (fitting < sequences && first + fitting < prompts.size()) {
            tokens += prompts.get(first + fitting).length;
            if (fitting > 0 && tokens > context.batchSize()) {
                break;
            }
            fitting++;
        }
        return fitting;
    }

    /**
     * Decodes prompts up to their first positions; {@link #readout} then reads them.
     *
     * @param prompts at most {@link #sequences}; several together have at most {@code batchSize} tokens, a single one has
     *     at most {@link #size}
     * @throws IllegalArgumentException if there are none or too many, or one of them is empty or too long
     * @throws LlamaException if the decode fails
     */
    public void decode(List<int[]> prompts) {
        if (prompts.isEmpty() || fitting(prompts, 0) < prompts.size()) {
            throw new IllegalArgumentException(prompts.size() + " prompts are not 1 to " + sequences + " that fit into "
                    + context.batchSize() + " tokens together");
        }
        for (int[] prompt : prompts) {
            requireLength(prompt);
        }
        lastIndex = new int[0];
        int[] from = new int[prompts.size()];
        for (int s = 0; s < from.length; s++) {
            from[s] = begin(s, prompts.get(s));
        }
        try {
            lastIndex = prompts.size() == 1 ? decodeOne(prompts.get(0), from[0]) : decodeAll(prompts, from);
        } catch (RuntimeException e) {
            Arrays.fill(begun, false);
            throw e;
        }
    }

    private void requireLength(int[] prompt) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("there are no tokens to decode");
        }
        if (prompt.length > size) {
            throw new IllegalArgumentException("the prompt has " + prompt.length + " tokens and the context holds "
                    + size + ": shorten the prompt or raise the context size (--ctx)");
        }
    }

    /**
     * Makes a sequence hold no more than what the prompt begins with.
     *
     * @return the number of tokens that it holds, fewer than the prompt has
     */
    private int begin(int sequence, int[] prompt) {
        int common = 0;
        while (common < Math.min(beginning.length, prompt.length - 1) && prompt[common] == beginning[common]) {
            common++;
        }
        // Always the whole beginning, decoded by itself: otherwise the prompts before would show in the numbers.
        if (common == 0 || !forgetsTails) {
            clear(sequence);
            return 0;
        }
        if (!begun[sequence]) {
            clear(sequence);
            decodeTokens(beginning, 0, beginning.length, sequence, false);
            begun[sequence] = true;
        }
        try {
            context.remove(sequence, common);
        } catch (LlamaException e) {
            if (e.reason() != LlamaException.Reason.UNSUPPORTED) {
                throw e;
            }
            forgetsTails = false; // a recurrent model: what it has read is one state
            clear(sequence);
            return 0;
        }
        begun[sequence] = common == beginning.length;
        return common;
    }

    private void clear(int sequence) {
        context.remove(sequence, 0);
        begun[sequence] = false;
    }

    private int[] decodeOne(int[] prompt, int from) {
        int last = decodeTokens(prompt, from, prompt.length, 0, true);
        if (prompt.length - from > context.batchSize()) {
            begun[0] = false; // a sliding window may have moved beyond the beginning
        }
        return new int[] {last};
    }

    /** Decodes in as many steps as the batch size asks for, and returns the index of the last token in the last step. */
    private int decodeTokens(int[] tokens, int from, int to, int sequence, boolean output) {
        int last = -1;
        for (int at = from; at < to; at += context.batchSize()) {
            int end = Math.min(to, at + context.batchSize());
            last = context.decode(List.of(new NativeContext.Slice(tokens, at, end, at, sequence, output && end == to)))[
                    0];
        }
        return last;
    }

    private int[] decodeAll(List<int[]> prompts, int[] from) {
        List<NativeContext.Slice> slices = new ArrayList<>();
        for (int s = 0; s < from.length; s++) {
            int[] prompt = prompts.get(s);
            slices.add(new NativeContext.Slice(prompt, from[s], prompt.length, from[s], s, true));
        }
        return context.decode(slices);
    }

    /**
     * The numbers at the first position of a prompt of the last decode, read by the scalar kernel, which is exact.
     *
     * @param prompt its index in that decode
     * @param temperature &tau; of the softmax
     * @throws LlamaException if the row holds NaN or +inf, or nothing but -inf
     */
    public Readout readout(int prompt, ControlTokens tokens, double temperature) {
        int vocabulary = context.model().vocabularySize();
        return context.withLogits(
                lastIndex[prompt], row -> processor.read(Kernel.SCALAR, row, vocabulary, tokens, temperature));
    }

    @Override
    public void close() {
        context.close();
    }
}
