package dev.demur.llama;

import dev.demur.policy.ControlTokens;
import dev.demur.policy.Decision;
import dev.demur.policy.Readout;
import dev.demur.policy.RefusalPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A context for several prompts at once, each in a sequence of its own, and what they all begin with decoded once per
 * sequence: for their first positions alone, or for replies that grow together.
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

    /** The sequence of the first of them. */
    private int firstSequence;

    private final @Nullable GraphProcessor graph;
    private boolean forgetsTails = true;

    private BatchContext(NativeContext context, @Nullable GraphProcessor graph, int sequences, int[] beginning) {
        this.context = context;
        this.graph = graph;
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
        NativeContext context = NativeContext.create(model, size, batchSize, sequences, threads);
        return new BatchContext(context, null, sequences, beginning);
    }

    /**
     * A context whose sequences begin with nothing in common and have {@code tokens} read in the compute graph: {@link
     * #prepare} then comes before {@link #decode}. Where the library or the device cannot do that, a warning in the log
     * says why, and the logits are read on the host as ever; {@link #processing} tells.
     */
    public static BatchContext createInGraph(
            LlamaModel model, ControlTokens tokens, int sequences, int size, int batchSize, int threads) {
        NativeContext context = NativeContext.create(model, size, batchSize, sequences, threads);
        try {
            return new BatchContext(context, new GraphProcessor(context, tokens, sequences), sequences, new int[0]);
        } catch (Throwable e) {
            context.close();
            throw e;
        }
    }

    /** Where the next decode's logits are read. */
    public Processing processing() {
        return graph != null && graph.isAttached() ? Processing.IN_GRAPH : Processing.HOST;
    }

    /**
     * Says what the prompts of the next decode are decided by, one policy for each, as the compute graph must know
     * beforehand; of no effect for contexts without one.
     *
     * @param first the sequence of the first of them
     * @param greedily whether all replies take the likeliest token each time, if there are replies; else the rows come
     *     to the host
     * @throws dev.demur.policy.PolicyException if a policy names tokens that the model does not have
     */
    public void prepare(List<RefusalPolicy> policies, int first, boolean greedily) {
        if (graph != null && !greedily) {
            graph.detach();
            return;
        }
        for (int i = 0; graph != null && i < policies.size(); i++) {
            if (!graph.prepare(first + i, policies.get(i))) {
                return; // one that the graph cannot read brings all rows to the host
            }
        }
    }

    /** How often the device's token was not that of the decision, which stood. */
    public long differences() {
        return graph == null ? 0 : graph.differences();
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

    /** As {@link #decode(List, int)}, in the first sequences. */
    public void decode(List<int[]> prompts) {
        decode(prompts, 0);
    }

    /**
     * Decodes prompts up to their first positions; {@link #readout} then reads them.
     *
     * @param prompts as many as there are sequences from there on, at most; several together have at most {@code
     *     batchSize} tokens, a single one has at most {@link #size}
     * @param first the sequence of the first of them; the others follow
     * @throws IllegalArgumentException if there are none or too many, or one of them is empty or too long
     * @throws LlamaException if the decode fails
     */
    public void decode(List<int[]> prompts, int first) {
        int most = Math.max(0, sequences - first);
        if (prompts.isEmpty() || prompts.size() > most || fitting(prompts, 0) < prompts.size()) {
            throw new IllegalArgumentException(prompts.size() + " prompts are not 1 to " + most + " that fit into "
                    + context.batchSize() + " tokens together");
        }
        for (int[] prompt : prompts) {
            requireLength(prompt);
        }
        lastIndex = new int[0];
        firstSequence = first;
        int[] from = new int[prompts.size()];
        for (int i = 0; i < from.length; i++) {
            from[i] = begin(first + i, prompts.get(i));
        }
        try {
            lastIndex =
                    prompts.size() == 1 ? decodeOne(prompts.get(0), from[0], first) : decodeAll(prompts, from, first);
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
            context.append(beginning, 0, sequence, false);
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

    private int[] decodeOne(int[] prompt, int from, int sequence) {
        int last = context.append(prompt, from, sequence, true);
        if (prompt.length - from > context.batchSize()) {
            begun[sequence] = false; // a sliding window may have moved beyond the beginning
        }
        return new int[] {last};
    }

    private int[] decodeAll(List<int[]> prompts, int[] from, int first) {
        List<NativeContext.Slice> slices = new ArrayList<>();
        for (int i = 0; i < from.length; i++) {
            int[] prompt = prompts.get(i);
            slices.add(new NativeContext.Slice(prompt, from[i], prompt.length, from[i], first + i, true));
        }
        return context.decode(slices);
    }

    /** The number of tokens that a sequence holds now. */
    public int position(int sequence) {
        return context.position(sequence);
    }

    /**
     * What a sequence goes on with.
     *
     * @param sequence its number
     * @param token to be decoded after those that it holds
     * @param sampler of its own, which draws the token that follows; null where {@link #processing} is in the graph,
     *     which takes the likeliest that is no control token
     */
    public record Step(int sequence, int token, @Nullable Sampler sampler) {}

    /**
     * One step of generation in several sequences together; the others wait.
     *
     * @param steps one for each sequence that goes on, at most {@code batchSize}
     * @return the tokens that were drawn, in the same order
     * @throws IllegalArgumentException if a sampler is there although the graph draws, or is missing
     * @throws LlamaException if the decode fails, with reason FULL if one of the sequences is full; or if logits are not
     *     finite, or a grammar allows no token
     * @throws java.util.concurrent.CancellationException if it was cancelled; the sequences then are as they were, or
     *     empty if their model cannot forget a part (recurrent ones)
     */
    public int[] step(List<Step> steps) {
        lastIndex = new int[0];
        List<NativeContext.Slice> slices = new ArrayList<>();
        for (Step step : steps) {
            beforeDraw(step);
            begun[step.sequence] = false; // a sliding window may move beyond the beginning
            int position = context.position(step.sequence);
            slices.add(new NativeContext.Slice(new int[] {step.token}, 0, 1, position, step.sequence, true));
        }
        int[] drawn = context.decode(slices);
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = draw(steps.get(i), drawn[i]);
        }
        return drawn;
    }

    private void beforeDraw(Step step) {
        boolean inGraph = processing() == Processing.IN_GRAPH;
        if (inGraph != (step.sampler == null)) {
            throw new IllegalArgumentException(
                    inGraph ? "the compute graph draws, not a sampler" : "there is no sampler to draw with");
        }
        if (step.sampler != null) {
            step.sampler.beforeDraw();
        } else {
            Objects.requireNonNull(graph).draw(step.sequence);
        }
    }

    private int draw(Step step, int index) {
        Sampler sampler = step.sampler;
        if (sampler == null) {
            return Objects.requireNonNull(graph).token(index);
        }
        int drawn = context.sample(sampler, index);
        sampler.drawn(drawn);
        return drawn;
    }

    /**
     * The numbers at the first position of a prompt of the last decode: read by the scalar kernel, which is exact, or in
     * the compute graph.
     *
     * @param prompt its index in that decode
     * @param temperature &tau; of the softmax
     * @throws LlamaException if the row holds NaN or +inf, or nothing but -inf
     */
    public Readout readout(int prompt, ControlTokens tokens, double temperature) {
        if (graph != null && graph.isAttached()) {
            return graph.readout(lastIndex[prompt], firstSequence + prompt, temperature);
        }
        int vocabulary = context.model().vocabularySize();
        return context.withLogits(
                lastIndex[prompt],
                (row, frame) -> processor.read(Kernel.SCALAR, row, vocabulary, tokens, temperature, frame));
    }

    /** The decision on a prompt of the last decode; errors as for {@link #readout}. */
    public Decision decide(int prompt, ControlTokens tokens, RefusalPolicy policy) {
        return graph != null && graph.isAttached()
                ? graph.decide(lastIndex[prompt], firstSequence + prompt, policy.bind(tokens))
                : policy.decide(readout(prompt, tokens, policy.temperature()));
    }

    /** How many bytes the output of a prompt of the last decode brought to the host. */
    public long bytes(int prompt, double temperature) {
        return graph != null && graph.isAttached()
                ? graph.bytes(lastIndex[prompt], firstSequence + prompt, temperature)
                : (long) Float.BYTES * context.model().vocabularySize();
    }

    @Override
    public void close() {
        context.close();
    }
}
