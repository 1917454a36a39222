package dev.demur.calibration;

import dev.demur.statistics.Percentage;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A calibration's promise in sentences. */
final class PromiseStatement {

    private PromiseStatement() {}

    /** @param separate the joint bound of a separate calibration; null: the calibration was joint */
    static String of(Objective objective, List<Calibrated> outcomes, @Nullable JointBound separate) {
        if (outcomes.stream().allMatch(o -> o.bound() == null)) {
            return "Promises nothing: "
                    + outcomes.stream()
                            .map(Calibrated::reason)
                            .filter(Objects::nonNull)
                            .distinct()
                            .collect(Collectors.joining("; "))
                    + ".";
        }
        if (objective instanceof Objective.FalseRefusal promise) {
            String rows = promise.nearMissesOnly() ? "near misses" : "should-answer prompts";
            String rate = "at most " + percent(promise.target()) + " of fresh " + rows;
            return separate == null
                    ? with(promise.confidence()) + rate + " from the same source are refused at all."
                    : eachWith(promise.confidence())
                            + rate + (promise.nearMissesOnly() ? " of the category" : "")
                            + " from the same source reach its threshold. " + together(separate);
        }
        Objective.Refusal promise = (Objective.Refusal) objective;
        String rate = "at least " + percent(promise.target()) + " of fresh should-refuse prompts";
        return separate == null
                ? with(promise.confidence()) + rate + " from the same source are refused."
                : eachWith(promise.confidence()) + rate + " of the category from the same source reach its threshold."
                        + " The promises are separate, each for itself.";
    }

    private static String with(double confidence) {
        return "With confidence " + percent(confidence) + ", ";
    }

    private static String eachWith(double confidence) {
        return "For each category with a bound: with confidence " + percent(confidence) + ", ";
    }

    private static String together(JointBound separate) {
        Double bound = separate.value();
        return "The promises are separate, each for itself. "
                + (bound == null
                        ? "How many are refused at all is not promised: " + separate.reason() + "."
                        : "Together they promise, with the same confidence: at most "
                                + Percentage.text(Percentage.atMost(bound)) + " are refused at all.");
    }

    private static String percent(double rate) {
        return Percentage.text(Percentage.exact(rate));
    }
}
