package dev.demur.grammar;

import dev.demur.DemurException;
import dev.demur.grammar.schema.JsonSchemaException;
import dev.demur.json.TextPosition;
import java.io.Serial;

/** A grammar, or a JSON schema that is to become one, that is not accepted; the message says where and what to change. */
public final class GrammarException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    GrammarException(String text, int at, String problem) {
        this(TextPosition.of(text, at), problem);
    }

    private GrammarException(TextPosition position, String problem) {
        super("grammar, " + position + ": " + problem);
        this.line = position.line();
        this.column = position.column();
    }

    GrammarException(JsonSchemaException cause) {
        super("JSON schema, " + cause.getMessage(), cause);
        this.line = cause.position().line();
        this.column = cause.position().column();
    }

    /** A whole JSON schema, whose grammar is not accepted. */
    GrammarException(String problem, GrammarException cause) {
        super("JSON schema, line 1, column 1: " + problem, cause);
        this.line = 1;
        this.column = 1;
    }

    /** The line, counted from 1. */
    public int line() {
        return line;
    }

    /** The character within the line, counted from 1. */
    public int column() {
        return column;
    }
}
