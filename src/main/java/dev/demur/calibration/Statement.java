package dev.demur.calibration;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A calibration's promise in sentences. */
final class Statement {

    private static final MathContext UP_TO_THREE_DIGITS = new MathContext(3, RoundingMode.CEILING);

    private Statement() {}

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
            String start = "With confidence " + percent(promise.confidence()) + " at most " + percent(promise.target())
                    + " of fresh ";
            String rows = promise.nearMissesOnly() ? "near misses" : "should-answer prompts";
            if (separate == null) {
                return start + rows + " from the same source are refused at all.";
            }
            return start + rows + (promise.nearMissesOnly() ? " of a category" : "")
                    + " from the same source reach that category's threshold, for each category with a bound. "
                    + together(separate);
        }
        Objective.Refusal promise = (Objective.Refusal) objective;
        String start = "With confidence " + percent(promise.confidence()) + " at least " + percent(promise.target())
                + " of fresh should-refuse prompts";
        return separate == null
                ? start + " from the same source are refused."
                : start + " of a category from the same source reach its threshold, for each category with a bound."
                        + " The promises are separate, each for itself.";
    }

    private static String together(JointBound separate) {
        Double bound = separate.value();
        return "The promises are separate, each for itself. "
                + (bound == null
                        ? "How many are refused at all is not promised: " + separate.reason() + "."
                        : "Together they promise, with the same confidence, that at most "
                                + percent(new BigDecimal(bound).round(UP_TO_THREE_DIGITS)) + " are refused at all.");
    }

    private static String percent(double rate) {
        return percent(BigDecimal.valueOf(rate));
    }

    private static String percent(BigDecimal rate) {
        return rate.movePointRight(2).stripTrailingZeros().toPlainString() + " %";
    }
}
