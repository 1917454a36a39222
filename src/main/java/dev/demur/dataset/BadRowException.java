package dev.demur.dataset;

import dev.demur.DemurException;

/** A row of a data set that cannot be scored; others can. */
public final class BadRowException extends DemurException {

    private static final long serialVersionUID = 1L;

    private final long line;

    /**
     * A row that cannot be scored.
     *
     * @param line where it stands in its file, counted from 1
     * @param problem what is wrong with it, in words that follow its place
     */
    public BadRowException(long line, String problem) {
        super(problem);
        this.line = line;
    }

    /** Where the row stands in its file, counted from 1. */
    public long line() {
        return line;
    }
}
