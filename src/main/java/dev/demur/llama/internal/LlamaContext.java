package dev.demur.llama.internal;

import dev.demur.PromptTooLongException;
import dev.demur.llama.Cancellation;
import dev.demur.llama.HiddenState;
import dev.demur.llama.Kernel;
import dev.demur.llama.LlamaException;
import dev.demur.llama.Processing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A context of llama.cpp: the KV cache of one or more sequences, what they hold, and the outputs of the last decode.
 *
 * <p>What a prompt gives depends on the prompts that it shares a decode with, and on what its sequence held before, within
 * the noise of floating-point sums. For one thread at a time; {@link #close} may come from any thread and lets a call that
 * is under way finish.
 */
public final class LlamaContext implements AutoCloseable {

    private final NativeContext context;
    private final int size;
    private final List<HeldTokens> sequences = new ArrayList<>();
    private final int[] drawn;
    private int[] beginning = {};
    private @Nullable BackendSampling graph;
    private final SequenceMemory memory;

    private LlamaContext(NativeContext context, int sequences) {
        this.context = context;
        this.size = context.size();
        this.drawn = new int[sequences];
        SharedCells cells = new SharedCells(sequences);
        for (int i = 0; i < sequences; i++) {
            this.sequences.add(new HeldTokens(cells, i));
        }
        this.memory = new SequenceMemory(context, this.sequences, cells);
    }

    /**
     * A context.
     *
     * @param size the most tokens that each sequence holds; 0 for the length that the model was trained for
     * @param batchSize the most tokens that are decoded in one go
     * @param sequences how many there are
     * @param threads how many threads compute
     * @throws LlamaException if there is not enough memory
     */
    public static LlamaContext create(LlamaModel model, int size, int batchSize, int sequences, int threads) {
        return new LlamaContext(NativeContext.create(model, size, 0, batchSize, sequences, threads), sequences);
    }

    /**
     * As {@link #create}, with sequences that share their memory.
     *
     * @param cells the most tokens of all sequences together, {@code size} at least; where llama.cpp cannot share, each
     *     sequence has memory for {@code size}
     */
    public static LlamaContext createShared(
            LlamaModel model, int size, int cells, int batchSize, int sequences, int threads) {
        return new LlamaContext(NativeContext.create(model, size, cells, batchSize, sequences, threads), sequences);
    }

    /** The model whose context this is. */
    public LlamaModel model() {
        return context.model();
    }

    /** The most tokens that a sequence holds. */
    public int size() {
        return size;
    }

    /** How many sequences there are. */
    public int sequences() {
        return sequences.size();
    }

    /** The most tokens that are decoded in one go. */
    public int batchSize() {
        return context.batchSize();
    }

    /** The most tokens that all sequences may hold together. */
    public long cells() {
        return context.cells() > 0 ? context.cells() : (long) size * sequences.size();
    }

    /** What its sequences hold. */
    public SequenceMemory memory() {
        return memory;
    }

    /** Whether the sequences of a decode must be neighbours in ascending order: where hidden states are captured. */
    public boolean wantsNeighbours() {
        return context.capturesHidden();
    }

    /** The tokens that a sequence holds now. */
    public int[] tokens(int sequence) {
        return sequences.get(sequence).tokens.toArray();
    }

    /** The number of tokens that a sequence holds now. */
    public int position(int sequence) {
        return sequences.get(sequence).tokens.size();
    }

    /**
     * Lets {@code cancellation}, if there is one, end the decodes until the scope is closed: they then throw a {@link
     * CancellationException}. One scope at a time; closing the context meanwhile is safe.
     */
    public Cancellation.Scope cancelledBy(@Nullable Cancellation cancellation) {
        return context.cancelledBy(cancellation);
    }

    /** Ends the decode that is under way, and every later one until {@link #goOn}; from any thread. */
    public void interrupt() {
        context.interrupt();
    }

    /** Lets what is decoded from now on run. */
    public void goOn() {
        context.goOn();
    }

    // ---- the compute graph

    /**
     * Lets some tokens be read by backend sampling where {@link BackendSampling#attach} asks for that; once.
     *
     * @param ids the tokens, the one that the others compete with last
     */
    public BackendSampling inGraph(int... ids) {
        if (graph != null) {
            throw new IllegalStateException("the compute graph of this context reads already");
        }
        graph = new BackendSampling(context, ids);
        return graph;
    }

    /** Where the next decode's logits are read. */
    public Processing processing() {
        return graph != null && graph.isAttached() ? Processing.IN_GRAPH : Processing.HOST;
    }

    // ---- hidden states

    /**
     * Captures hidden states from now on; once, and before anything is decoded. The memory for tokens is made anew, and a few
     * tokens are decoded to see what is computed.
     *
     * @throws IllegalArgumentException if the model has no such block, or tokens were decoded
     * @throws LlamaException with reason UNSUPPORTED where this library, model or device does not have what is asked for; the
     *     context then is as before
     */
    public HiddenStates captureHidden(List<HiddenState> values) {
        HiddenStates hidden = new HiddenStates(context, values);
        context.capturing();
        return hidden;
    }

    /**
     * Names the tokens of a sequence, held or to be decoded, that {@link HiddenState.Pooling#MEAN} is taken over: positions
     * {@code from} to {@code to}, without the latter. What it holds stays as long as its part of the mean is known; where it
     * is not, it forgets what follows {@code from}. To be called after {@link #resume} or {@link #begin}.
     *
     * @return how many tokens it holds
     */
    public int poolOver(HiddenStates hidden, int sequence, int from, int to) {
        HeldTokens held = sequences.get(sequence);
        int kept = hidden.range(sequence, from, to);
        if (kept < held.tokens.size()) {
            held.begun &= kept >= beginning.length;
            memory.keep(sequence, kept);
        }
        return held.tokens.size();
    }

    // ---- prompts

    /** Forgets all tokens of a sequence. */
    public void clear(int sequence) {
        memory.clear(sequence);
    }

    /**
     * Makes a sequence hold no more than what {@code prompt} begins with, and less than all of it, so that {@link #decode}
     * decodes only the rest.
     *
     * @return how many of the prompt's tokens it holds
     */
    public int resume(int sequence, int[] prompt) {
        int common = memory.common(sequence, prompt);
        return memory.keep(sequence, common) ? common : 0;
    }

    /**
     * Names the tokens that most prompts begin with, fewer than {@link #size}, for {@link #begin}; may be empty.
     */
    public void shareBeginning(int... tokens) {
        beginning = tokens.clone();
        sequences.forEach(held -> held.begun = false);
    }

    /**
     * As {@link #resume}, but holding no more than a part of the shared beginning, decoded by itself, so that the prompts
     * before do not show in the numbers.
     */
    public int begin(int sequence, int[] prompt) {
        int common = 0;
        while (common < Math.min(beginning.length, prompt.length - 1) && prompt[common] == beginning[common]) {
            common++;
        }
        HeldTokens held = sequences.get(sequence);
        if (common == 0 || !memory.forgetsTails()) {
            clear(sequence);
            return 0;
        }
        if (!held.begun) {
            clear(sequence);
            decodeRest(List.of(beginning), sequence, false);
            held.begun = true;
        }
        if (!memory.keep(sequence, common)) {
            return 0;
        }
        held.begun = common == beginning.length;
        return common;
    }

    /** Makes every sequence hold the shared beginning, decoded by itself, and no more. */
    public void beginAnew() {
        int[] longer = Arrays.copyOf(beginning, beginning.length + 1);
        for (int i = 0; i < sequences.size(); i++) {
            begin(i, longer);
        }
    }

    /** How many of the prompts from {@code first} on one {@link #decode} takes; at least 1 where there is one. */
    public int fitting(List<int[]> prompts, int first) {
        int tokens = 0;
        int fitting = 0;
        while (fitting < sequences.size() && first + fitting < prompts.size()) {
            tokens += prompts.get(first + fitting).length;
            if (fitting > 0 && tokens > context.batchSize()) {
                break;
            }
            fitting++;
        }
        return fitting;
    }

    /** As {@link #decode(List, int)}, of one prompt. */
    public void decode(int sequence, int[] prompt) {
        decode(List.of(prompt), sequence);
    }

    /**
     * Makes sequences hold prompts, of which they hold the beginnings, by decoding the rest: one prompt in as many steps as
     * the batch size asks for, several in one step. The outputs at their last tokens can then be read.
     *
     * @param prompts several together have at most {@code batchSize} tokens
     * @param first the sequence of the first of them; the others follow
     * @throws IllegalArgumentException if there are none or too many, or one of them is empty, or not longer than what its
     *     sequence holds; the sequences then are as they were
     * @throws PromptTooLongException if one of them is too long; the sequences then are as they were
     * @throws LlamaException if the decode fails; the sequences then are cleared
     * @throws CancellationException if it was cancelled; the sequences then hold what the steps before decoded
     */
    public void decode(List<int[]> prompts, int first) {
        int most = Math.max(0, sequences.size() - first);
        if (prompts.isEmpty() || prompts.size() > most || fitting(prompts, 0) < prompts.size()) {
            throw new IllegalArgumentException(prompts.size() + " prompts are not 1 to " + most + " that fit into "
                    + context.batchSize() + " tokens together");
        }
        for (int i = 0; i < prompts.size(); i++) {
            requireContinues(first + i, prompts.get(i));
        }
        try {
            decodeRest(prompts, first, true);
        } catch (LlamaException e) {
            for (int i = 0; i < prompts.size(); i++) {
                clear(first + i);
            }
            throw e;
        }
    }

    /**
     * Checks that a prompt can be decoded here.
     *
     * @throws IllegalArgumentException if it has no tokens
     * @throws PromptTooLongException if it has more than a sequence holds
     */
    public void requireFits(int[] prompt) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("there are no tokens to decode");
        }
        if (prompt.length > size) {
            throw new PromptTooLongException(prompt.length, size);
        }
    }

    private void requireContinues(int sequence, int[] prompt) {
        requireFits(prompt);
        TokenList held = sequences.get(sequence).tokens;
        if (held.size() >= prompt.length || held.commonBeginning(prompt, prompt.length) < held.size()) {
            throw new IllegalArgumentException("sequence " + sequence + " holds " + held.size()
                    + " tokens, which are not the beginning of the prompt: forget them first");
        }
    }

    /** Decodes what of the prompts their sequences do not hold; a single one in as many steps as it takes. */
    private void decodeRest(List<int[]> prompts, int first, boolean output) {
        boolean more = true;
        while (more) {
            List<DecodePart> parts = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                int[] prompt = prompts.get(i);
                int to = Math.min(prompt.length, position(first + i) + context.batchSize());
                more = to < prompt.length;
                parts.add(new DecodePart(first + i, prompt, to, output && !more));
                sequences.get(first + i).begun &= !more; // a sliding window may have moved beyond the beginning
            }
            decode(parts);
        }
    }

    /**
     * Decodes parts of prompts in one go, at most {@link #batchSize} tokens. Where hidden states are captured their
     * sequences are neighbours in ascending order.
     *
     * @throws LlamaException if the decode fails; the sequences then are as they were, or empty if their model cannot forget
     *     a part (recurrent ones)
     * @throws CancellationException if it was cancelled; the sequences then are as after a failure
     */
    public void decode(List<DecodePart> parts) {
        forgetOutputs();
        List<NativeContext.Slice> slices = new ArrayList<>();
        for (DecodePart part : parts) {
            int from = position(part.sequence());
            slices.add(new NativeContext.Slice(part.prompt(), from, part.to(), from, part.sequence(), part.output()));
        }
        try {
            int[] outputs = context.decode(slices);
            for (int i = 0; i < outputs.length; i++) {
                sequences.get(parts.get(i).sequence()).output = parts.get(i).output() ? outputs[i] : -1;
            }
        } finally {
            parts.forEach(
                    part -> sequences.get(part.sequence()).note(part.prompt(), context.position(part.sequence())));
        }
    }

    private void forgetOutputs() {
        sequences.forEach(held -> held.output = -1);
    }

    // ---- outputs

    /**
     * Reads the numbers of some tokens where a sequence's last output is.
     *
     * @param ids the tokens
     * @param temperature &tau; of the softmax over the whole vocabulary
     * @return the probability of each, the logit of each, the id of the likeliest token of the vocabulary, and the bound on
     *     the relative error of the probabilities; in an array that the next call writes to
     * @throws IllegalStateException if the last decode gave the sequence no output
     * @throws LlamaException if the row holds NaN or +inf, or nothing but -inf
     */
    public double[] read(int sequence, Kernel kernel, int[] ids, double temperature) {
        return context.read(output(sequence), kernel, ids, temperature);
    }

    /**
     * What the compute graph read where a sequence's last output is.
     *
     * @throws IllegalStateException if the last decode gave the sequence no output, or the rows come to the host
     * @throws LlamaException if the row holds NaN or +inf, or nothing but -inf
     */
    public BackendSampling.Output readInGraph(int sequence) {
        if (graph == null || !graph.isAttached()) {
            throw new IllegalStateException("nothing was decoded with backend sampling");
        }
        return graph.read(output(sequence));
    }

    /**
     * Draws the token that follows a sequence's last output.
     *
     * @throws IllegalStateException if the last decode gave the sequence no output
     * @throws LlamaException if logits are not finite, or a grammar allows no token
     */
    public int draw(int sequence, Sampler sampler) {
        sampler.beforeDraw();
        int drawn = context.sample(sampler, output(sequence));
        sampler.drawn(drawn);
        return drawn;
    }

    private int output(int sequence) {
        int output = sequences.get(sequence).output;
        if (output < 0) {
            throw new IllegalStateException("the last decode gave sequence " + sequence + " no output");
        }
        return output;
    }

    /** How many bytes a sequence's last output brought to the host. */
    public long outputBytes(int sequence) {
        return processing() == Processing.IN_GRAPH
                ? readInGraph(sequence).bytes()
                : (long) Float.BYTES * model().vocabularySize();
    }

    // ---- steps

    /**
     * One step of generation in several sequences together; the others wait.
     *
     * @param steps one for each sequence that goes on; {@link #drawn} then tells the tokens
     * @throws IllegalArgumentException if a sampler is there although the graph draws, or is missing
     * @throws LlamaException if the decode fails, with reason FULL if one of the sequences is full; or if logits are not
     *     finite, or a grammar allows no token: {@link #drawn} then is -1 for those that this is so of, and the others have
     *     their tokens. It is less where nothing was decoded
     * @throws CancellationException if it was cancelled; the sequences then are as they were, or empty if their model
     *     cannot forget a part (recurrent ones)
     */
    public void step(List<? extends DecodeStep> steps) {
        Arrays.fill(drawn, 0, steps.size(), NativeContext.NOT_DECODED);
        boolean drawsInGraph = processing() == Processing.IN_GRAPH;
        for (int i = 0; i < steps.size(); i++) {
            Sampler sampler = steps.get(i).sampler();
            if (drawsInGraph != (sampler == null)) {
                throw new IllegalArgumentException(
                        drawsInGraph ? "the compute graph draws, not a sampler" : "there is no sampler to draw with");
            }
            if (sampler != null) {
                sampler.beforeDraw();
            }
        }
        forgetOutputs();
        LlamaException undrawn = null;
        try {
            context.step(steps, drawn);
        } catch (LlamaException e) {
            if (drawn[0] == NativeContext.NOT_DECODED) {
                noteFailed(steps);
                throw e;
            }
            undrawn = e;
        } catch (CancellationException e) {
            noteFailed(steps);
            throw e;
        }
        for (int i = 0; i < steps.size(); i++) {
            DecodeStep step = steps.get(i);
            sequences.get(step.sequence()).noteStep(step.token(), i);
        }
        for (int i = 0; i < steps.size(); i++) {
            Sampler sampler = steps.get(i).sampler();
            if (sampler != null && drawn[i] >= 0) {
                sampler.drawn(drawn[i]);
            }
        }
        if (undrawn != null) {
            throw undrawn;
        }
    }

    /** The token that the last step drew for the {@code i}-th of its sequences. */
    public int drawn(int i) {
        return drawn[i];
    }

    private void noteFailed(List<? extends DecodeStep> steps) {
        steps.forEach(step -> sequences.get(step.sequence()).noteFailedStep(context.position(step.sequence())));
    }

    @Override
    public void close() {
        context.close();
    }
}
