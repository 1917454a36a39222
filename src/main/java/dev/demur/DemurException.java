package dev.demur;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * Demur cannot do what was asked, for a reason that lies outside the calling program: a file, a model, a device, data, or
 * a limit. The message says what is wrong and what to do about it, for a person to read.
 *
 * <p>Every exception of Demur's own is one of these. What a program does wrong is told by Java's exceptions: a null or a
 * value out of its range is an {@link IllegalArgumentException}, use after close an {@link IllegalStateException}, and what
 * was cancelled before there was a result a {@link java.util.concurrent.CancellationException}.
 */
public class DemurException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** With what is wrong and what to do about it. */
    public DemurException(String message) {
        super(message);
    }

    /** The same, with what it came from; null for nothing. */
    public DemurException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
