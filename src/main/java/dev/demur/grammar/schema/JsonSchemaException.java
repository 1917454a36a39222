package dev.demur.grammar.schema;

import dev.demur.DemurException;
import dev.demur.json.TextPosition;
import java.io.Serial;

/** A JSON schema of which no grammar can be made; the message says where and why. */
public final class JsonSchemaException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    JsonSchemaException(TextPosition position, String problem) {
        super(position + ": " + problem);
        this.line = position.line();
        this.column = position.column();
    }

    JsonSchemaException(TextPosition position, String problem, Throwable cause) {
        this(position, problem);
        initCause(cause);
    }

    /** Where in the schema's text it is. */
    public TextPosition position() {
        return new TextPosition(line, column);
    }
}
