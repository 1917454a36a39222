package dev.demur.monitor;

import dev.demur.DemurException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A policy that promises nothing to watch, or a monitor's file or log that cannot be read or written; the message says where and why. */
public final class MonitorException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    MonitorException(String message) {
        super(message);
    }

    MonitorException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
