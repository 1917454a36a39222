package dev.demur.json;

import dev.demur.DemurException;
import java.io.Serial;

/** A text that is not JSON as {@link StrictJson} takes it; the message says where and why. */
public final class JsonException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;
    private final String problem;

    JsonException(String text, int at, String problem) {
        this(TextPosition.of(text, at), problem);
    }

    private JsonException(TextPosition position, String problem) {
        super(position + ": " + problem);
        this.line = position.line();
        this.column = position.column();
        this.problem = problem;
    }

    /** Where it is. */
    public TextPosition position() {
        return new TextPosition(line, column);
    }

    /** What is wrong, without the place. */
    public String problem() {
        return problem;
    }
}
