package dev.demur.cli.options;

import java.io.Serial;

/** The command line is wrong; the message says what is and what it should be. */
public final class UsageException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }

    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
