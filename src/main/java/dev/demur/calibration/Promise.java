package dev.demur.calibration;

import dev.demur.Demur;
import dev.demur.policy.RefusalPolicy;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a policy promises where it is used, in the words that the command line, the server and the integrations share.
 *
 * @param bounds what the policy promises on fresh prompts from the source that it was calibrated on; empty: nothing
 * @param reasons what voids these promises where it is used, or keeps anybody from telling; empty: nothing does
 */
public record Promise(List<PromisedBound> bounds, List<Provenance.Difference> reasons) {

    /** What is to be done about {@link #reasons}. */
    public static final String ADVICE = "calibrate on prompts that were scored with what is used here";

    public Promise {
        bounds = List.copyOf(bounds);
        reasons = List.copyOf(reasons);
    }

    /** What a policy promises where nothing tells what it is used with. */
    public static Promise of(RefusalPolicy policy) {
        return of(policy, Provenance.of(policy));
    }

    /**
     * What a policy promises on a loaded model.
     *
     * @param policy with its calibration; of one that was changed since, the calibration from before the change
     * @param system the system message that prompts have; null: none
     */
    public static Promise of(RefusalPolicy policy, Demur demur, @Nullable String system) {
        return of(policy, Provenance.of(policy, demur, system));
    }

    private static Promise of(RefusalPolicy policy, Optional<Provenance> provenance) {
        List<Provenance.Difference> reasons = provenance.map(Provenance::differences).orElse(List.of()).stream()
                .filter(difference -> difference.voidsPromise() || difference.isUnknown())
                .toList();
        return new Promise(PromisedBound.of(policy), reasons);
    }

    /** Whether something is promised, and nothing is known that voids it. */
    public boolean holds() {
        return !bounds.isEmpty() && reasons.isEmpty();
    }

    /** The bounds that say most: the joint one alone where there is one, else those of the categories. */
    public List<PromisedBound> told() {
        List<PromisedBound> joint =
                bounds.stream().filter(bound -> bound.category() == null).toList();
        return joint.isEmpty() ? bounds : joint;
    }

    /**
     * What is promised, as {@code refuses at most 2.0 % of what should be answered, with confidence 0.95}, whether it holds or
     * not; {@code promises nothing} without bounds. Of the bounds it says those that {@link #told} has. Rates are rounded so that no more is said than is promised.
     */
    public String statement() {
        List<PromisedBound> told = told();
        if (told.isEmpty()) {
            return "promises nothing";
        }
        return told.stream().map(Promise::words).collect(Collectors.joining("; ")) + ", with confidence "
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

    private static String percent(double rate, RoundingMode rounding) {
        return BigDecimal.valueOf(rate).movePointRight(2).setScale(1, rounding).toPlainString() + " %";
    }

    /** Why the promises do not hold here, and what to do; null where nothing speaks against them. */
    public @Nullable String problem() {
        return reasons.isEmpty() ? null : why(reasons) + ": " + ADVICE;
    }

    /**
     * Differences as a reason, as {@code it was calibrated with something else than is used here (the temperature (temperature) was
     * 1.0 and is 2.0)}.
     *
     * @param differences at least one
     */
    public static String why(List<Provenance.Difference> differences) {
        String each = differences.stream().map(Provenance.Difference::sentence).collect(Collectors.joining("; "));
        boolean policyAlone = differences.stream().allMatch(d -> d.field() == Provenance.Field.POLICY);
        String reason = !policyAlone
                ? "it was calibrated with something else than is used here"
                : differences.get(0).isUnknown()
                        ? "nothing tells whether it is what was calibrated"
                        : "it was changed after it was calibrated";
        return reason + " (" + each + ")";
    }

    /** One sentence without a subject: what is promised, or why nothing is. */
    @Override
    public String toString() {
        String problem = problem();
        return problem == null ? statement() : "its promises do not hold here, because " + problem;
    }
}
