package dev.demur.fit;

/** Told how far a fit is; called by the thread that fits. */
public interface FitListener {

    /** Hears nothing. */
    FitListener NONE = new FitListener() {};

    /**
     * The model is about to read the prompts.
     *
     * @param rows how many readings there are: of prompts, and of their other forms
     * @param resumed how many of them an earlier run has left
     * @param damaged whether it left damaged ones too, which are read again
     */
    default void reading(long rows, long resumed, boolean damaged) {}

    /**
     * One was read.
     *
     * @param work whether it was read now
     */
    default void row(boolean work) {}

    /**
     * A prompt could not be read, and is left out.
     *
     * @param line where it stands in its file
     */
    default void unreadable(long line, String problem) {}

    /** All prompts are read; the head is fitted, in steps of which this is one. */
    default void fitting(int step, int steps) {}
}
