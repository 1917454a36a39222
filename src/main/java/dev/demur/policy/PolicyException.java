package dev.demur.policy;

import dev.demur.DemurException;
import org.jspecify.annotations.Nullable;

/** A policy that cannot be read, or that does not fit the model; the message names the source and the field. */
public final class PolicyException extends DemurException {

    private static final long serialVersionUID = 1L;

    public PolicyException(String message) {
        super(message);
    }

    public PolicyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
