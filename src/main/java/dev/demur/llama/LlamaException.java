package dev.demur.llama;

import dev.demur.DemurException;
import java.io.Serial;

/**
 * A native call failed for a reason that is not the caller's: a library or model that cannot be loaded, a decode that
 * failed, logits that are not finite. The message says what happened and what to do.
 */
public final class LlamaException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Why a native call failed, as {@code demur_status} of {@code demur.h} tells it. */
    public enum Reason {
        /** This processor, build or llama.cpp library cannot do it. */
        UNSUPPORTED,
        /** A library or a model file could not be loaded. */
        LOAD,
        /** There is not enough memory. */
        MEMORY,
        /** {@code llama_decode} failed. */
        DECODE,
        /** The row of logits holds NaN or +inf, or nothing but -inf. */
        LOGITS,
        /** llama.cpp threw a C++ exception. */
        EXCEPTION,
        /** The context has no room for the tokens. */
        FULL,
        /** An assertion of llama.cpp failed: the model is not put together as it takes for granted. */
        ASSERTION,
        /** No token of the model continues the text as the grammar asks, or the grammar is too ambiguous to follow. */
        GRAMMAR
    }

    private final Reason reason;

    /** For Demur, which says in the message what to do. */
    public LlamaException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** For Demur, likewise. */
    public LlamaException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Why the call failed. */
    public Reason reason() {
        return reason;
    }
}
