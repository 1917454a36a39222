package dev.demur.llama;

import dev.demur.policy.BoundPolicy;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A context of llama.cpp: the KV cache of one sequence, and the logits of the last decode.
 *
 * <p>For one thread at a time; {@link #close} may come from any thread and lets a call that is under way finish.
 */
public final class LlamaContext implements AutoCloseable {

    private final NativeContext context;
    private final int size;
    private final TokenList held = new TokenList();
    private final @Nullable GraphProcessor graph;
    private int lastIndex = -1;

    private LlamaContext(NativeContext context, @Nullable GraphProcessor graph) {
        this.context = context;
        this.size = context.size();
        this.graph = graph;
    }

    /**
     * A context of {@code size} tokens.
     *
     * @param size the most tokens that it holds; 0 for the length that the model was trained for
     * @param batchSize the most prompt tokens that are decoded in one go
     * @param threads how many threads compute
     * @throws LlamaException if there is not enough memory
     */
    public static LlamaContext create(LlamaModel model, int size, int batchSize, int threads) {
        return new LlamaContext(NativeContext.create(model, size, batchSize, 1, threads), null);
    }

    /**
     * The same, with {@code tokens} read in the compute graph: {@link #prepare} then comes before each decode that is
     * decided on. Where the library or the device cannot do that, a warning in the log says why, and the logits are read
     * on the host as ever; {@link #processing} tells.
     */
    public static LlamaContext createInGraph(
            LlamaModel model, ControlTokens tokens, int size, int batchSize, int threads) {
        NativeContext context = NativeContext.create(model, size, batchSize, 1, threads);
        try {
            return new LlamaContext(context, new GraphProcessor(context, tokens, 1));
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
     * Says what the next decodes are decided by and how the reply is drawn, as the compute graph must know beforehand; of
     * no effect for contexts without one. A change from one place to the other makes llama.cpp plan its memory anew.
     *
     * @param greedily whether the reply takes the likeliest token each time; else the rows come to the host
     * @return where the next decode's logits are read
     * @throws dev.demur.policy.PolicyException if the policy names tokens that the model does not have
     */
    public Processing prepare(RefusalPolicy policy, boolean greedily) {
        if (graph != null && greedily) {
            graph.prepare(0, policy);
        } else if (graph != null) {
            graph.detach();
        }
        return processing();
    }

    /** How often the device's token was not that of the decision, which stood. */
    public long differences() {
        return graph == null ? 0 : graph.differences();
    }

    /** The decision at the last decoded position, from what the compute graph read. */
    Decision decideInGraph(BoundPolicy policy) {
        if (graph == null || lastIndex < 0) {
            throw new IllegalStateException("no prompt was decoded in a compute graph");
        }
        return graph.decide(lastIndex, 0, policy);
    }

    /** Throws an {@link IllegalStateException} if the context is closed. */
    public void requireOpen() {
        context.requireOpen();
    }

    public LlamaModel model() {
        return context.model();
    }

    /** The most tokens that the context holds. */
    public int size() {
        return size;
    }

    /** The number of tokens that it holds now. */
    public int position() {
        return held.size();
    }

    /**
     * Lets {@code cancellation}, if there is one, end the decodes until the scope is closed: they then throw a {@link
     * CancellationException}. One scope at a time; closing the context meanwhile is safe.
     */
    public Cancellation.Scope cancelledBy(@Nullable Cancellation cancellation) {
        return context.cancelledBy(cancellation);
    }

    /** Forgets all tokens. */
    public void clear() {
        context.remove(0, 0);
        held.truncate(0);
    }

    /**
     * Makes the context hold exactly {@code prompt}: what it holds beyond their common beginning is forgotten, and only the
     * rest of the prompt is decoded, at least its last token, whose logits can then be read.
     *
     * @return how many of the prompt's tokens it held already
     * @throws IllegalArgumentException if there are none, or more than fit; the context then is as it was
     * @throws LlamaException if the decode fails; the context then is cleared
     * @throws CancellationException if it was cancelled; the context then holds what the batches before decoded
     */
    public int resume(int[] prompt) {
        if (prompt.length > size) {
            throw new IllegalArgumentException("the prompt has " + prompt.length + " tokens and the context holds "
                    + size + ": shorten the conversation or raise the context size (--ctx)");
        }
        int common = held.commonBeginning(prompt, prompt.length - 1);
        if (!forget(common)) {
            common = 0;
        }
        decode(common == 0 ? prompt : Arrays.copyOfRange(prompt, common, prompt.length));
        return common;
    }

    /** Forgets what follows the first {@code kept} tokens; where its model can only forget all, all, and is false. */
    private boolean forget(int kept) {
        if (kept > 0) {
            try {
                context.remove(0, kept);
                held.truncate(kept);
                return true;
            } catch (LlamaException e) {
                if (e.reason() != LlamaException.Reason.UNSUPPORTED) {
                    throw e;
                }
            }
        }
        clear();
        return false;
    }

    /**
     * Decodes {@code tokens} after those that the context holds; the logits of the last one can then be read.
     *
     * @throws IllegalArgumentException if there are none, or more than fit; the context then is as it was
     * @throws LlamaException if the decode fails; the context then is cleared
     * @throws CancellationException if it was cancelled; the context then holds what the batches before decoded
     */
    public void decode(int[] tokens) {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("there are no tokens to decode");
        }
        if (tokens.length > size - position()) {
            throw new IllegalArgumentException(
                    "the prompt has " + tokens.length + " tokens and the context has room for " + (size - position())
                            + " of its " + size + ": shorten the prompt or raise the context size (--ctx)");
        }
        try {
            lastIndex = context.append(tokens, 0, 0, true);
        } catch (LlamaException e) {
            clear();
            throw e;
        } catch (CancellationException e) {
            hold(tokens, context.position(0));
            throw e;
        }
        hold(tokens, position() + tokens.length);
    }

    /** Notes that the context now holds so many tokens, of which the new ones are the first of {@code tokens}. */
    private void hold(int[] tokens, int position) {
        int before = position();
        held.truncate(Math.min(before, position));
        for (int i = 0; i < position - before; i++) {
            held.add(tokens[i]);
        }
    }

    /**
     * Hands the address of the last decoded token's logits, V floats in llama.cpp's own memory, to {@code reader}; it is
     * valid until the reader returns.
     */
    <T> T withLogits(NativeContext.LogitsReader<T> reader) {
        return context.withLogits(lastIndex, reader);
    }

    /**
     * One step of generation: decodes {@code token} after those that the context holds and samples the one that follows.
     *
     * @throws LlamaException with reason FULL if the context is full
     * @throws CancellationException if it was cancelled; the context then is as it was, or empty if its model cannot
     *     forget a part (recurrent ones)
     */
    public int step(Sampler sampler, int token) {
        sampler.beforeDraw();
        int next = step(token, () -> context.step(sampler, token, position()));
        sampler.drawn(next);
        return next;
    }

    /**
     * The same where the compute graph takes the token that follows: the likeliest that is no control token. Errors as
     * for {@link #step(Sampler, int)}, and an {@link IllegalArgumentException} where {@link #processing} is on the host.
     */
    public int stepInGraph(int token) {
        return step(token, () -> context.stepInGraph(token, position()));
    }

    private int step(int token, IntSupplier decode) {
        int next;
        try {
            next = decode.getAsInt();
            held.add(token);
        } catch (LlamaException | CancellationException e) {
            if (context.position(0) > held.size()) {
                held.add(token); // it was decoded, and only sampling failed
            }
            held.truncate(context.position(0));
            throw e;
        }
        return next;
    }

    @Override
    public void close() {
        context.close();
    }
}
