package dev.demur.json;

import dev.demur.DemurException;
import java.io.Serial;

/**
 * A text that is not JSON as {@link StrictJson} takes it. The message says where, in or after which value, and why, as {@code
 * line 4, column 18, in or after categories[0].threshold: this is not JSON: there must be a digit}.
 */
public final class JsonException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;
    private final String path;
    private final String problem;
    private final boolean cutOff;

    JsonException(String text, int at, String path, String problem) {
        this(TextPosition.of(text, at), path, problem, at >= text.length());
    }

    private JsonException(TextPosition position, String path, String problem, boolean cutOff) {
        super(position + after(path) + ": " + problem);
        this.line = position.line();
        this.column = position.column();
        this.path = path;
        this.problem = problem;
        this.cutOff = cutOff;
    }

    private static String after(String path) {
        return path.isEmpty() ? "" : ", in or after " + path;
    }

    /** Where it is. */
    public TextPosition position() {
        return new TextPosition(line, column);
    }

    /** What is wrong, without the place. */
    public String problem() {
        return problem;
    }

    /** The message for a text that is one line, whose number is told elsewhere. */
    public String inLine() {
        return "column " + column + after(path) + ": " + problem;
    }

    /** Whether the text ended too early. */
    public boolean isCutOff() {
        return cutOff;
    }
}
