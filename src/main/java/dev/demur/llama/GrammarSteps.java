package dev.demur.llama;

import dev.demur.bindings.Bindings;
import org.jspecify.annotations.Nullable;

/** Tells a native sampler before each draw what its grammar allows there. For one thread at a time. */
final class GrammarSteps implements AutoCloseable {

    private final Bindings bindings;
    private final GrammarMask mask;
    private final CallFrame frame;
    private byte @Nullable [] told;

    private GrammarSteps(Bindings bindings, GrammarMask mask, CallFrame frame) {
        this.bindings = bindings;
        this.mask = mask;
        this.frame = frame;
    }

    static GrammarSteps of(LlamaModel model, GrammarMask mask) {
        Bindings bindings = model.runtime().bindings();
        return new GrammarSteps(bindings, mask, CallFrame.open(bindings, model.vocabularySize()));
    }

    void beforeDraw(Handle sampler) {
        byte[] allowed = mask.allowed();
        if (allowed == told) {
            return; // the text stands where it stood
        }
        frame.data().put(0, allowed);
        long address = sampler.acquire();
        try {
            frame.check(bindings.samplerAllow(address, frame.dataAddress(), frame.error()));
        } finally {
            sampler.release();
        }
        told = allowed;
    }

    void drawn(int token) {
        mask.drawn(token);
    }

    @Override
    public void close() {
        frame.close();
    }
}
