package dev.demur.scoring.pass;

import java.io.IOException;

/**
 * What becomes of the rows of a {@link PromptPass}. Called by the thread that runs the pass, for each row {@link #wants} and
 * later one of the others, each in the order of the rows; what it throws ends the pass.
 *
 * @param <R> the rows
 * @param <T> what is read of each
 */
public interface PassSink<R extends PromptRow, T> {

    /**
     * Whether the row is to be read; called when it comes.
     *
     * @throws dev.demur.dataset.BadRowException if it cannot be used, which {@link #failed} is told when its turn comes
     */
    boolean wants(R row);

    /** What was read of the row. */
    void taken(R row, T numbers) throws IOException;

    /** A row that was not wanted. */
    void skipped(R row) throws IOException;

    /**
     * A row that could not be read.
     *
     * @param line where it stands in its file, counted from 1
     * @param problem what is wrong with it
     */
    void failed(long line, String problem) throws IOException;
}
