package dev.demur.llama.internal;

import dev.demur.bindings.Bindings;
import dev.demur.grammar.Grammar;
import dev.demur.llama.Kernel;
import dev.demur.llama.LlamaException;
import dev.demur.llama.Sampling;
import org.jspecify.annotations.Nullable;

/**
 * Draws the tokens of a reply; reserved tokens are masked out.
 *
 * <p>For one thread at a time, with contexts of the model that it was made for.
 */
public final class Sampler implements AutoCloseable {

    /** How many tokens back the penalties look, as in llama.cpp's own programs. */
    private static final int PENALTY_LAST = 64;

    private final Bindings bindings;
    private final Handle handle;
    private final @Nullable GrammarMask grammar;

    /** Where the grammar's mask is handed over, one byte a token. */
    private final @Nullable NativeCallBuffer frame;

    private byte @Nullable [] told;

    private Sampler(Bindings bindings, Handle handle, @Nullable GrammarMask grammar, @Nullable NativeCallBuffer frame) {
        this.bindings = bindings;
        this.handle = handle;
        this.grammar = grammar;
        this.frame = frame;
    }

    /**
     * A sampler for a model.
     *
     * @param pieces the model's tokens
     * @param kernel what reads the rows of logits
     * @param masked tokens that are never drawn
     * @param grammar of the other tokens only those that it allows behind the ones drawn are; null: all
     * @throws LlamaException if this processor or this build of libdemur does not have the kernel
     */
    public static Sampler create(
            TokenPieces pieces, Kernel kernel, Sampling sampling, int[] masked, @Nullable Grammar grammar) {
        LlamaModel model = pieces.model();
        Bindings bindings = model.runtime().bindings();
        Handle handle = handle(model, kernel, sampling, masked);
        if (grammar == null) {
            return new Sampler(bindings, handle, null, null);
        }
        try {
            return new Sampler(
                    bindings,
                    handle,
                    new GrammarMask(grammar, pieces),
                    NativeCallBuffer.open(bindings, model.vocabularySize()));
        } catch (Throwable e) {
            handle.close();
            throw e;
        }
    }

    private static Handle handle(LlamaModel model, Kernel kernel, Sampling sampling, int[] masked) {
        Bindings bindings = model.runtime().bindings();
        long address = model.handle().acquire();
        try (NativeCallBuffer frame = NativeCallBuffer.open(bindings, 4L * masked.length)) {
            frame.data().asIntBuffer().put(masked);
            frame.check(bindings.samplerCreate(
                    address,
                    KernelChoice.code(kernel),
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
                    masked.length,
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

    /** Tells the native sampler what the grammar allows for the token that is drawn next. */
    void beforeDraw() {
        if (grammar == null || frame == null) {
            return;
        }
        byte[] allowed = grammar.allowed();
        if (allowed == told) {
            return; // the text stands where it stood
        }
        frame.data().put(0, allowed);
        long address = handle.acquire();
        try {
            frame.check(bindings.samplerAllow(address, frame.dataAddress(), frame.error()));
        } finally {
            handle.release();
        }
        told = allowed;
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
        if (frame != null) {
            frame.close();
        }
    }
}
