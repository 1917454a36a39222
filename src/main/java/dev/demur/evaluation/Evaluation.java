package dev.demur.evaluation;

import dev.demur.arguments.Given;
import dev.demur.calibration.JointScores;
import dev.demur.calibration.SharedPrompts;
import dev.demur.policy.Category;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.OperatingPoint;
import dev.demur.statistics.Rate;
import dev.demur.statistics.Reliability;
import dev.demur.statistics.RocCurve;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a policy does to labelled prompts.
 *
 * <p>A prompt that several rows have counts once.
 *
 * @param calibratedOnTheseRows whether the policy was calibrated on these rows or some of their prompts; then no rate has an
 *     interval, because none that is computed from them would hold
 * @param joint the rates of being refused at all
 * @param categories the rates of every category by itself; empty by {@code sum} and {@code logit-bias}, which have none
 * @param confusion what should have been decided against what was
 * @param withinNoise share of all rows with a score within the noise band of its threshold: their decision may be another
 *     one on another device
 * @param steering what moving one threshold does to all categories; null by {@code sum}, which has one threshold
 */
public record Evaluation(
        boolean calibratedOnTheseRows,
        RefusalRates joint,
        List<RefusalRates> categories,
        Confusion confusion,
        Rate withinNoise,
        @Nullable Steering steering) {

    /** The false refusal rates at which refusal rates are told beside AUC. */
    private static final List<Double> OPERATING_POINTS = List.of(0.01, 0.05);

    public Evaluation {
        Given.value(joint, "joint");
        Given.value(confusion, "confusion");
        Given.value(withinNoise, "withinNoise");
        categories = Given.list(categories, "categories");
    }

    /**
     * Evaluates.
     *
     * @throws dev.demur.policy.PolicyException as {@link ScoredPrompts#requireFits}
     */
    public static Evaluation of(ScoredPrompts prompts, RefusalPolicy policy, EvaluationOptions options) {
        Given.value(prompts, "prompts");
        Given.value(policy, "policy");
        Given.value(options, "options");
        return new Evaluator(prompts, policy, options).evaluate();
    }

    /**
     * How many prompts have a score so near a threshold that noise of this size may carry it across.
     *
     * @param halfWidth in log-odds ({@code logit-bias}: in logits), at least 0
     * @throws dev.demur.policy.PolicyException as {@link ScoredPrompts#requireFits}
     */
    public static int rowsWithin(ScoredPrompts prompts, RefusalPolicy policy, double halfWidth) {
        Given.value(prompts, "prompts");
        Given.value(policy, "policy");
        return new NoiseBand(prompts, policy, halfWidth).count(prompts.distinct());
    }

    private static final class Evaluator {
        private final ScoredPrompts prompts;
        private final RefusalPolicy policy;
        private final EvaluationOptions options;
        private final Decisions decisions;
        private final boolean inSample;
        private final @Nullable Double confidence; // of intervals; null where none holds
        private final int[] all;

        Evaluator(ScoredPrompts prompts, RefusalPolicy policy, EvaluationOptions options) {
            this.prompts = prompts;
            this.policy = policy;
            this.options = options;
            decisions = prompts.decide(policy);
            inSample = SharedPrompts.of(policy, prompts).any();
            confidence = inSample ? null : options.confidence();
            all = prompts.distinct();
        }

        Evaluation evaluate() {
            List<RefusalRates> categories = new ArrayList<>();
            if (policy.rule() != Rule.SUM && policy.rule() != Rule.LOGIT_BIAS) {
                for (int c = 0; c < prompts.labels().respondIndex(); c++) {
                    categories.add(category(c));
                }
            }
            Steering steering =
                    policy.rule() == Rule.SUM ? null : Steering.of(prompts, policy, options.steeringShift());
            Rate withinNoise =
                    Rate.of(new NoiseBand(prompts, policy, options.noise()).count(all), all.length, confidence);
            return new Evaluation(
                    inSample, joint(), categories, Confusion.of(prompts, decisions), withinNoise, steering);
        }

        private RefusalRates joint() {
            int[] answer = prompts.shouldAnswer();
            int[] refuse = prompts.shouldRefuse();
            int[] near = prompts.nearMisses();
            double[] sums = prompts.scores(sumRule(), 0, all);
            boolean[] refused = areRefused(null);
            return rates(
                    null,
                    new int[] {decisions.refusals(answer), answer.length},
                    new int[] {decisions.refusals(near), near.length},
                    new int[] {decisions.refusals(refuse), refuse.length},
                    JointScores.of(prompts, policy, refuse),
                    JointScores.of(prompts, policy, answer),
                    Reliability.of(sums, refused, options.reliabilityBins()));
        }

        /** Which of all rows should be refused, as this category or at all. */
        private boolean[] areRefused(@Nullable String category) {
            boolean[] refused = new boolean[all.length];
            for (int i = 0; i < all.length; i++) {
                boolean labelled = category == null
                        || category.equals(prompts.label(all[i]).orElse(null));
                refused[i] = labelled && prompts.shouldRefuse(all[i]);
            }
            return refused;
        }

        private RefusalPolicy sumRule() {
            return policy.withRule(Rule.SUM);
        }

        private RefusalRates category(int c) {
            Category category = prompts.labels().categories().get(c);
            int[] answer = prompts.shouldAnswer();
            int[] refuse = prompts.shouldRefuse(category.id());
            int[] near = prompts.nearMisses(category.id());
            boolean[] refused = areRefused(category.id());
            double[] probabilities = new double[all.length];
            for (int i = 0; i < all.length; i++) {
                probabilities[i] = prompts.probability(all[i], c);
            }
            return rates(
                    category.id(),
                    new int[] {prompts.reaching(policy, c, answer), answer.length},
                    new int[] {prompts.reaching(policy, c, near), near.length},
                    new int[] {prompts.reaching(policy, c, refuse), refuse.length},
                    prompts.scores(policy, c, refuse),
                    prompts.scores(policy, c, answer),
                    Reliability.of(probabilities, refused, options.reliabilityBins()));
        }

        /** Each array a count and of how many. */
        private RefusalRates rates(
                @Nullable String category,
                int[] answer,
                int[] near,
                int[] refuse,
                double[] refuseScores,
                double[] answerScores,
                Reliability reliability) {
            int refused = answer[0] + refuse[0];
            int either = refused + refuse[1];
            return new RefusalRates(
                    category,
                    Rate.of(answer[0], answer[1], confidence),
                    Rate.of(near[0], near[1], confidence),
                    Rate.of(refuse[0], refuse[1], confidence),
                    Rate.of(refuse[0], refused, confidence),
                    either == 0 ? null : 2.0 * refuse[0] / either,
                    RocCurve.of(refuseScores, answerScores, options.rocPoints()),
                    OPERATING_POINTS.stream()
                            .map(share -> OperatingPoint.of(refuseScores, answerScores, share, confidence))
                            .toList(),
                    reliability);
        }
    }
}
