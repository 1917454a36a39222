package dev.demur.langchain4j;

import dev.demur.Demur;
import dev.demur.calibration.Promise;
import dev.demur.calibration.PromisedBound;
import dev.demur.calibration.Provenance.Difference;
import dev.demur.calibration.Provenance.Field;
import dev.demur.policy.RefusalPolicy;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a policy promises on the model that runs.
 *
 * @param policy where the policy came from
 * @param statement what it promises here, about fresh prompts from the source that it was calibrated on, as {@code refuses at
 *     most 2 % of what should be answered, with confidence 0.95}; null: nothing
 * @param problem why a promise that the policy carries does not hold here, and what to do; null: nothing stands against it
 */
public record PolicyPromise(
        String policy, @Nullable String statement, @Nullable String problem) {

    private static final int LONGEST_VALUE = 40;
    private static final int DECIMALS = 1;

    /** Whether there is a promise that holds here. */
    public boolean holds() {
        return statement != null;
    }

    /** What a policy promises where this model decides. */
    static PolicyPromise of(RefusalPolicy policy, String source, Demur demur) {
        Promise promise = Promise.of(policy, demur, null);
        return promise.reasons().isEmpty()
                ? new PolicyPromise(source, statement(promise), null)
                : new PolicyPromise(source, null, problem(promise.reasons()));
    }

    private static String problem(List<Difference> differences) {
        String words = differences.stream().map(PolicyPromise::words).collect(Collectors.joining("; "));
        boolean policyAlone = differences.stream().allMatch(difference -> difference.field() == Field.POLICY);
        if (!policyAlone) {
            return "it was calibrated with something else than is used here (" + words + "): " + Promise.ADVICE;
        }
        return differences.get(0).isUnknown()
                ? "an older release calibrated it and kept no checksum, so that a change since cannot be told: "
                        + Promise.ADVICE
                : "it was changed after it was calibrated (" + words + "): " + Promise.ADVICE;
    }

    private static String words(Difference difference) {
        return difference.field().words() + " (" + difference.field().id() + ") was " + value(difference.calibrated())
                + " and is " + value(difference.used());
    }

    private static String value(@Nullable String value) {
        if (value == null) {
            return "none";
        }
        String line = value.replaceAll("\\s+", " ");
        return line.length() <= LONGEST_VALUE ? line : line.substring(0, LONGEST_VALUE) + "…";
    }

    private static @Nullable String statement(Promise promise) {
        List<PromisedBound> told = promise.told();
        if (told.isEmpty()) {
            return null;
        }
        return told.stream().map(PolicyPromise::words).collect(Collectors.joining("; ")) + ", with confidence "
                + BigDecimal.valueOf(told.get(0).confidence())
                        .stripTrailingZeros()
                        .toPlainString();
    }

    private static String words(PromisedBound bound) {
        String category = bound.category() == null ? "" : " as " + bound.category();
        if (!bound.ofFalseRefusals()) {
            return "refuses at least " + percent(bound.bound(), RoundingMode.FLOOR) + " of what should be refused"
                    + category;
        }
        return "refuses at most " + percent(bound.bound(), RoundingMode.CEILING) + " of "
                + (bound.nearMissesOnly() ? "near misses" : "what should be answered") + category;
    }

    /** Rounded so that no more is said than is promised. */
    private static String percent(double rate, RoundingMode rounding) {
        BigDecimal percent = BigDecimal.valueOf(rate).movePointRight(2).setScale(DECIMALS, rounding);
        return percent.stripTrailingZeros().toPlainString() + " %";
    }

    @Override
    public String toString() {
        if (statement != null) {
            return policy + ": " + statement;
        }
        return policy
                + (problem == null ? ": promises nothing" : ": its promises do not hold here, because " + problem);
    }
}
