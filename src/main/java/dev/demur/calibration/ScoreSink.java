package dev.demur.calibration;

import dev.demur.policy.Reading;
import java.io.IOException;

/** What becomes of the rows of a data set that is scored. */
public interface ScoreSink extends PassSink<LabelledPrompt, Reading> {

    /** The row's numbers. */
    void scored(LabelledPrompt prompt, Reading reading) throws IOException;

    @Override
    default void taken(LabelledPrompt prompt, Reading reading) throws IOException {
        scored(prompt, reading);
    }
}
