package dev.demur.calibration;

import dev.demur.Demur;
import dev.demur.arguments.Given;
import dev.demur.policy.RefusalPolicy;
import dev.demur.statistics.Percentage;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a policy promises where it is used: the one wording that the command line, the server and the integrations share, and
 * the numbers from which it can be written in another language. These are {@link #told}, each with {@link
 * PromisedBound#percent} and {@link PromisedBound#confidencePercent}, and {@link #reasons}.
 *
 * @param bounds what the policy promises on fresh prompts from the source that it was calibrated on; empty: nothing
 * @param reasons what voids these promises where it is used, or keeps anybody from telling; empty: nothing does
 */
public record Promise(List<PromisedBound> bounds, List<Provenance.Difference> reasons) {

    /** What is to be done about {@link #reasons}. */
    public static final String ADVICE = "calibrate on prompts that were scored with what is used here";

    public Promise {
        bounds = Given.list(bounds, "bounds");
        reasons = Given.list(reasons, "reasons");
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

    /**
     * What a policy promises where it was compared with what is used already.
     *
     * @param provenance of this policy; empty: it has no calibration
     */
    public static Promise of(RefusalPolicy policy, Optional<Provenance> provenance) {
        Given.value(policy, "policy");
        Given.value(provenance, "provenance");
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
     * What is promised, as {@code refuses at most 2 % of what should be answered, with confidence 95 %}, whether it holds or
     * not; {@code promises nothing} without bounds. Of the bounds it says those that {@link #told} has.
     */
    public String statement() {
        List<PromisedBound> told = told();
        return told.isEmpty()
                ? "promises nothing"
                : told.stream().map(PromisedBound::words).collect(Collectors.joining("; ")) + ", with confidence "
                        + Percentage.text(told.get(0).confidencePercent());
    }

    /**
     * One sentence, without its point: what is promised, or why nothing is.
     *
     * @param policy what the policy is called, as {@code the model's own policy}
     */
    public String sentence(String policy) {
        Given.value(policy, "policy");
        if (problem() != null) {
            return policy + ": " + this;
        }
        return policy + " " + statement()
                + (bounds.isEmpty() ? "" : ", on fresh prompts from the source that it was calibrated on");
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
        Given.value(differences, "differences");
        String each = differences.stream().map(Provenance.Difference::sentence).collect(Collectors.joining("; "));
        boolean policyAlone = differences.stream().allMatch(d -> d.field() == Provenance.Field.POLICY);
        if (policyAlone && !differences.get(0).isUnknown()) {
            return "it was changed after it was calibrated"; // two checksums would tell nobody more
        }
        String reason = policyAlone
                ? "nothing tells whether it is what was calibrated"
                : "it was calibrated with something else than is used here";
        return reason + " (" + each + ")";
    }

    /** One sentence without a subject: what is promised, or why nothing is. */
    @Override
    public String toString() {
        String problem = problem();
        return problem == null ? statement() : "its promises do not hold here, because " + problem;
    }
}
