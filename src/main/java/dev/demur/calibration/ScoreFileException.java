package dev.demur.calibration;

/** A score file or its meta file that cannot be read; the message names file, line and field. */
public final class ScoreFileException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    ScoreFileException(String message) {
        super(message);
    }

    ScoreFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
