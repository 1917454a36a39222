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
    private final Terminal terminal;
    private long count;

    /**
     * For rows of this file.
     *
     * @param strict whether the first one is an error
     */
    BadRows(Path data, boolean strict, Terminal terminal) {
        this.data = data;
        this.strict = strict;
        this.terminal = terminal;
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
                Warning.show(terminal, data + ": further bad rows are not listed; --strict stops at the first");
            }
        }
    }

    /** How many there were. */
    long count() {
        return count;
    }
}
