package dev.demur.grammar;

import java.io.Serial;

/** A grammar that is not accepted; the message says where and what to change. */
public final class GrammarException extends IllegalArgumentException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    GrammarException(String text, int at, String problem) {
        this(lineAt(text, at), columnAt(text, at), problem);
    }

    private GrammarException(int line, int column, String problem) {
        super("grammar, line " + line + ", column " + column + ": " + problem);
        this.line = line;
        this.column = column;
    }

    private static int lineAt(String text, int at) {
        return 1 + (int) text.substring(0, at).chars().filter(c -> c == '\n').count();
    }

    private static int columnAt(String text, int at) {
        int start = text.lastIndexOf('\n', at - 1) + 1;
        return 1 + text.codePointCount(start, at);
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
