package dev.demur.readout.words;

import dev.demur.DemurException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A frame that cannot be used, or not with this model; the message names the frame, the field and what to do. */
public final class FrameException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** For Demur, which says in the message what to do. */
    public FrameException(String message) {
        super(message);
    }

    /** For Demur, likewise. */
    public FrameException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
