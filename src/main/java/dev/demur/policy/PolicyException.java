package dev.demur.policy;

import dev.demur.DemurException;
import org.jspecify.annotations.Nullable;

/** A policy that cannot be read, or that does not fit the model; the message names the source and the field. */
public final class PolicyException extends DemurException {

    private static final long serialVersionUID = 1L;

    /** With what is wrong and what to do about it. */
    public PolicyException(String message) {
        super(message);
    }

    /** The same, with what it came from; null for nothing. */
    public PolicyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
