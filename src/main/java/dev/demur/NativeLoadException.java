package dev.demur;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A native library could not be found, extracted, verified or loaded; the message says what to do. */
public final class NativeLoadException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** With what is wrong and what to do about it. */
    public NativeLoadException(String message) {
        super(message);
    }

    /** The same, with what it came from; null for nothing. */
    public NativeLoadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
