package dev.demur;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A native library could not be found, extracted, verified or loaded; the message says what to do. */
public final class NativeLoadException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    public NativeLoadException(String message) {
        super(message);
    }

    public NativeLoadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
