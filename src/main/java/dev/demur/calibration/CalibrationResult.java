package dev.demur.calibration;

import dev.demur.arguments.Given;
import dev.demur.policy.RefusalPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A calibrated policy and what it promises.
 *
 * @param policy with the {@code calibration} object that docs/CALIBRATION.md describes
 * @param outcomes one for each calibrated category, or a single one for a joint calibration
 * @param shift what a joint calibration added: to the log-odds of thresholds, or to biases, in logits; null: nothing
 * @param jointBound with the objective's confidence the joint false refusal rate is at most this, although every category
 *     was calibrated by itself; null where {@code jointBoundReason} says why there is no such bound
 * @param statement what is promised, in sentences for a person
 */
public record CalibrationResult(
        RefusalPolicy policy,
        List<Calibrated> outcomes,
        @Nullable Double shift,
        @Nullable Double jointBound,
        @Nullable String jointBoundReason,
        String statement) {

    public CalibrationResult {
        Given.value(policy, "policy");
        Given.value(statement, "statement");
        outcomes = Given.list(outcomes, "outcomes");
    }

    /** Whether anything is promised, of one category or jointly. */
    public boolean promises() {
        return outcomes.stream().anyMatch(outcome -> outcome.bound() != null);
    }
}
