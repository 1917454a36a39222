package dev.demur.cli;

import java.io.Serial;

/** The command line is wrong; the message says what is and what it should be. */
final class UsageException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }

    UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
