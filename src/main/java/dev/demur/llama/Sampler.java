package dev.demur.llama;

import dev.demur.bindings.Bindings;
import dev.demur.grammar.Grammar;
import dev.demur.policy.ControlTokens;
import org.jspecify.annotations.Nullable;

/**
 * Draws the tokens after the first position; control tokens are masked out.
 *
 * <p>For one thread at a time, with contexts of the model that it was made for.
 */
public final class Sampler implements AutoCloseable {

    /** How many tokens back the penalties look, as in llama.cpp's own programs. */
    private static final int PENALTY_LAST = 64;

    private final Handle handle;
    private final @Nullable GrammarSteps grammar;

    private Sampler(Handle handle, @Nullable GrammarSteps grammar) {
        this.handle = handle;
        this.grammar = grammar;
    }

    /**
     * A sampler for {@code model} that never draws one of {@code masked}.
     *
     * @param kernel what reads the rows of logits
     * @throws LlamaException if this processor or this build of libdemur does not have it
     */
    public static Sampler create(LlamaModel model, Kernel kernel, Sampling sampling, ControlTokens masked) {
        return new Sampler(handle(model, kernel, sampling, masked), null);
    }

    /**
     * As {@link #create(LlamaModel, Kernel, Sampling, ControlTokens)}, but of the tokens only those that the grammar allows behind
     * the ones it has drawn.
     */
    public static Sampler following(
            Grammar grammar, TokenPieces pieces, Kernel kernel, Sampling sampling, ControlTokens masked) {
        LlamaModel model = pieces.model();
        GrammarMask mask = new GrammarMask(grammar, pieces);
        Handle handle = handle(model, kernel, sampling, masked);
        try {
            return new Sampler(handle, GrammarSteps.of(model, mask));
        } catch (Throwable e) {
            handle.close();
            throw e;
        }
    }

    private static Handle handle(LlamaModel model, Kernel kernel, Sampling sampling, ControlTokens masked) {
        Bindings bindings = model.runtime().bindings();
        int[] ids = masked.ids();
        long address = model.handle().acquire();
        try (CallFrame frame = CallFrame.open(bindings, 4L * ids.length)) {
            frame.data().asIntBuffer().put(ids);
            frame.check(bindings.samplerCreate(
                    address,
                    kernel.code(),
                    sampling.temperature(),
                    sampling.topK(),
                    sampling.topP(),
                    sampling.minP(),
                    sampling.repeatPenalty(),
                    sampling.frequencyPenalty(),
                    sampling.presencePenalty(),
                    PENALTY_LAST,
                    Integer.toUnsignedLong(sampling.seed()),
                    frame.dataAddress(),
                    ids.length,
                    frame.out(),
                    frame.error()));
            return new Handle("the sampler", frame.outLong(), bindings::samplerFree);
        } finally {
            model.handle().release();
        }
    }

    Handle handle() {
        return handle;
    }

    /** To be called before a token is drawn. */
    void beforeDraw() {
        if (grammar != null) {
            grammar.beforeDraw(handle);
        }
    }

    /** To be called with the token that was drawn. */
    void drawn(int token) {
        if (grammar != null) {
            grammar.drawn(token);
        }
    }

    /** Frees the sampler; only the thread that draws may close one that follows a grammar. */
    @Override
    public void close() {
        handle.close();
        if (grammar != null) {
            grammar.close();
        }
    }
}
