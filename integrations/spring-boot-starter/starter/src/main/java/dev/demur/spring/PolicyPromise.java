package dev.demur.spring;

import dev.demur.Demur;
import dev.demur.calibration.Promise;
import dev.demur.calibration.PromisedBound;
import dev.demur.calibration.Provenance;
import dev.demur.policy.RefusalPolicy;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a policy promises, and whether that holds for the model that runs. A promise is about one model, read in one way:
 * another model, chat template, readout or temperature, or a threshold that was changed, voids it.
 *
 * @param source where the policy came from, for messages
 * @param bounds what its calibration promises; empty: nothing
 * @param reasons why the promise does not hold here, each part of a sentence; empty: nothing speaks against it
 */
public record PolicyPromise(String source, List<PromisedBound> bounds, List<String> reasons) {

    private static final int LONGEST_VALUE = 60;
    private static final MathContext UP = new MathContext(2, RoundingMode.CEILING);
    private static final MathContext DOWN = new MathContext(2, RoundingMode.FLOOR);

    public PolicyPromise {
        bounds = List.copyOf(bounds);
        reasons = List.copyOf(reasons);
    }

    /**
     * Compares a policy's calibration with a loaded model.
     *
     * @param policy with its calibration; of one that was changed since, the calibration from before the change
     */
    public static PolicyPromise of(Demur demur, RefusalPolicy policy, String source) {
        Promise promise = Promise.of(policy, demur, null);
        return new PolicyPromise(
                source,
                promise.bounds(),
                promise.reasons().stream().map(PolicyPromise::words).toList());
    }

    private static String words(Provenance.Difference difference) {
        if (difference.isUnknown()) {
            return "nothing tells whether it is what was calibrated";
        }
        if (difference.field() == Provenance.Field.POLICY) {
            return "it was changed after it was calibrated";
        }
        return difference.field().words() + " was " + shown(difference.calibrated()) + " and is "
                + shown(difference.used());
    }

    private static String shown(@Nullable String value) {
        if (value == null) {
            return "none";
        }
        String line = value.replaceAll("\\s+", " ");
        return line.length() <= LONGEST_VALUE ? line : line.substring(0, LONGEST_VALUE) + "…";
    }

    /** Whether something is promised and nothing is known to void it. */
    public boolean holds() {
        return !bounds.isEmpty() && reasons.isEmpty();
    }

    /** One sentence: what is promised, or why nothing is. */
    public String sentence() {
        if (!reasons.isEmpty()) {
            return source + " promises nothing here: " + String.join("; ", reasons)
                    + ". Calibrate on prompts that were scored with what is used here.";
        }
        if (bounds.isEmpty()) {
            return source + " was not calibrated and promises nothing.";
        }
        List<PromisedBound> told = new Promise(bounds, List.of()).told();
        return source + " " + told.stream().map(PolicyPromise::words).collect(Collectors.joining("; "))
                + ", with confidence " + percent(told.get(0).confidence(), MathContext.UNLIMITED)
                + ", on fresh prompts from the source that it was calibrated on.";
    }

    private static String words(PromisedBound bound) {
        String category = bound.category() == null ? "" : " as " + bound.category();
        if (!bound.ofFalseRefusals()) {
            return "refuses at least " + percent(bound.bound(), DOWN) + " of what should be refused" + category;
        }
        return "refuses at most " + percent(bound.bound(), UP) + " of "
                + (bound.nearMissesOnly() ? "near misses" : "what should be answered") + category;
    }

    private static String percent(double share, MathContext rounding) {
        BigDecimal percent = BigDecimal.valueOf(share).movePointRight(2).round(rounding);
        return percent.stripTrailingZeros().toPlainString() + " %";
    }
}
