package dev.demur.scoring;

import dev.demur.dataset.LabelledPrompt;
import dev.demur.policy.Reading;
import java.io.IOException;

/**
 * What becomes of the rows of a data set that is scored. Called by the thread that scores: for each row {@link #wants}, and
 * later one of the others, each in the order of the rows. What it throws ends the scoring.
 */
public interface ScoreSink {

    /**
     * Whether the row is to be scored; called when it comes.
     *
     * @throws dev.demur.dataset.BadRowException if it cannot be used, which {@link #failed} is told when its turn comes
     */
    boolean wants(LabelledPrompt prompt);

    /** The row's numbers. */
    void scored(LabelledPrompt prompt, Reading reading) throws IOException;

    /** A row that was not wanted. */
    void skipped(LabelledPrompt prompt) throws IOException;

    /**
     * A row that could not be scored.
     *
     * @param line where it stands in its file, counted from 1
     * @param problem what is wrong with it
     */
    void failed(long line, String problem) throws IOException;
}
