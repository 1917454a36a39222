package dev.demur.readout;

import dev.demur.DemurException;
import java.io.Serial;

/**
 * A model has nothing to be decided by: no control tokens, and no head in its file or beside it. {@code demur fit} makes a head for
 * it, and a frame asks it in words.
 */
public final class NoReadoutException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** For Demur, which says in the message what to do. */
    public NoReadoutException(String message) {
        super(message);
    }
}
