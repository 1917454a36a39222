package dev.demur.desktop.model;

import dev.demur.calibration.CalibrationResult;
import dev.demur.calibration.Objective;
import dev.demur.evaluation.Evaluation;
import dev.demur.fit.FitResult;
import dev.demur.scoring.ScoredPrompts;
import java.nio.file.Path;

/** How far a fit or a calibration is. */
public sealed interface TaskState {

    /** Nothing is under way. */
    record Idle() implements TaskState {}

    /**
     * It is under way.
     *
     * @param stage the key of a text that says what is being done
     * @param all 0: not known yet
     */
    record Running(String stage, long done, long all) implements TaskState {}

    /** A person ended it; the same task goes on where it stopped. */
    record Cancelled() implements TaskState {}

    /** It could not be done. */
    record Failed(String problem) implements TaskState {}

    /**
     * Prompts were scored, and are loaded.
     *
     * @param badRows how many rows of the data could not be used
     */
    record Scored(int prompts, long badRows) implements TaskState {}

    /**
     * Thresholds were chosen.
     *
     * @param objective what was to be promised
     * @param badRows how many rows of the data could not be used
     */
    record Calibrated(
            ScoredPrompts prompts,
            Path scores,
            Objective.FalseRefusal objective,
            CalibrationResult result,
            Evaluation evaluation,
            long badRows)
            implements TaskState {}

    /**
     * A head was fitted, and lies beside its model once it is applied.
     *
     * @param objective what its policy was to promise
     */
    record Fitted(Path model, Objective.FalseRefusal objective, FitResult result) implements TaskState {}
}
