package dev.demur.cli.calibrate;

import dev.demur.DemurException;
import dev.demur.cli.options.Warning;
import dev.demur.cli.terminal.Terminal;
import java.nio.file.Path;

/** Warns of rows that cannot be used, of the first ones by name. */
final class BadRows {

    /** What comes after so many warnings is as bad, and tells nobody more. */
    private static final int MOST_WARNINGS = 20;

    private final Path data;
    private final boolean strict;
    private final String advice;
    private final Terminal terminal;
    private long count;

    private BadRows(Path data, boolean strict, String advice, Terminal terminal) {
        this.data = data;
        this.strict = strict;
        this.advice = advice;
        this.terminal = terminal;
    }

    /**
     * For rows of a data file, of a command that has {@code --strict}.
     *
     * @param strict whether the first one is an error
     */
    static BadRows of(Path data, boolean strict, Terminal terminal) {
        return new BadRows(data, strict, "; --strict stops at the first", terminal);
    }

    /** For rows that are right, and that the model cannot read. */
    static BadRows unreadable(Path data, Terminal terminal) {
        return new BadRows(data, false, "", terminal);
    }

    /**
     * Tells of one.
     *
     * @throws DemurException where the first one is an error
     */
    void warn(long line, String problem) {
        String message = data + ":" + line + ": " + problem;
        if (strict) {
            throw new DemurException(message);
        }
        count++;
        if (count <= MOST_WARNINGS) {
            Warning.show(terminal, message);
            if (count == MOST_WARNINGS) {
                Warning.show(terminal, data + ": further bad rows are not listed" + advice);
            }
        }
    }

    /** How many there were. */
    long count() {
        return count;
    }
}
