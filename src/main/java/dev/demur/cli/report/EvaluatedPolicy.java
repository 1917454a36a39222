package dev.demur.cli.report;

import dev.demur.calibration.PromisedBound;
import dev.demur.calibration.Provenance;
import dev.demur.evaluation.Evaluation;
import dev.demur.evaluation.EvaluationOptions;
import dev.demur.evaluation.TextEvaluation;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A policy, the prompts it was evaluated on, and what came out.
 *
 * @param scores the file of the prompts
 * @param policyFile the file of the policy
 * @param provenance how the scores' origin differs from what the policy was calibrated with
 * @param text how often the text agrees with the token; null: the model was not asked
 */
public record EvaluatedPolicy(
        Path scores,
        Path policyFile,
        ScoredPrompts prompts,
        RefusalPolicy policy,
        EvaluationOptions options,
        Optional<Provenance> provenance,
        Evaluation evaluation,
        @Nullable TextEvaluation text) {

    /** The threshold of a category, jointly that of the rule {@code sum}; null where the rule has none. */
    public @Nullable Double threshold(@Nullable String category) {
        if (category == null) {
            return policy.rule() == Rule.SUM ? policy.sumThreshold() : null;
        }
        return policy.category(category).map(CategoryPolicy::threshold).orElse(null);
    }

    /**
     * What the policy's calibration promises of a category, or jointly for null; null: nothing, as where these scores were
     * made with something else than it is about.
     */
    public @Nullable PromisedBound promised(@Nullable String category) {
        if (provenance.isPresent() && !provenance.get().warnings().isEmpty()) {
            return null;
        }
        List<PromisedBound> bounds = PromisedBound.of(policy).stream()
                .filter(b -> category == null ? b.category() == null : category.equals(b.category()))
                .toList();
        return bounds.isEmpty() ? null : bounds.get(0);
    }
}
