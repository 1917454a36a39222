package dev.demur.scoring;

import dev.demur.DemurException;
import org.jspecify.annotations.Nullable;

/** A score file or its meta file that cannot be read; the message names file, line and field. */
public final class ScoreFileException extends DemurException {

    private static final long serialVersionUID = 1L;

    ScoreFileException(String message) {
        super(message);
    }

    ScoreFileException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
