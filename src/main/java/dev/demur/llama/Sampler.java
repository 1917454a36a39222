package dev.demur.llama;

import dev.demur.bindings.Bindings;
import dev.demur.policy.ControlTokens;

/**
 * Draws the tokens after the first position; control tokens are masked out.
 *
 * <p>For one thread at a time, with contexts of the model that it was made for.
 */
public final class Sampler implements AutoCloseable {

    /** How many tokens back the repetition penalty looks, as in llama.cpp's own programs. */
    private static final int PENALTY_LAST = 64;

    private final Handle handle;

    private Sampler(Handle handle) {
        this.handle = handle;
    }

    /** A sampler for {@code model} that never draws one of {@code masked}. */
    public static Sampler create(LlamaModel model, Sampling sampling, ControlTokens masked) {
        Bindings bindings = model.runtime().bindings();
        int[] ids = masked.ids();
        long address = model.handle().acquire();
        try (CallFrame frame = CallFrame.open(bindings, 4L * ids.length)) {
            frame.data().asIntBuffer().put(ids);
            frame.check(bindings.samplerCreate(
                    address,
                    sampling.temperature(),
                    sampling.topK(),
                    sampling.topP(),
                    sampling.minP(),
                    sampling.repeatPenalty(),
                    PENALTY_LAST,
                    Integer.toUnsignedLong(sampling.seed()),
                    frame.dataAddress(),
                    ids.length,
                    frame.out(),
                    frame.error()));
            return new Sampler(new Handle("the sampler", frame.outLong(), bindings::samplerFree));
        } finally {
            model.handle().release();
        }
    }

    Handle handle() {
        return handle;
    }

    @Override
    public void close() {
        handle.close();
    }
}
