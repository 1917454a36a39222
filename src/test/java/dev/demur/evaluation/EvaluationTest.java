package dev.demur.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.calibration.CalibrationRequest;
import dev.demur.calibration.Calibrator;
import dev.demur.calibration.Objective;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.scoring.TwoCategories;
import dev.demur.statistics.ClopperPearson;
import dev.demur.statistics.Rate;
import dev.demur.statistics.Reliability;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EvaluationTest {

    private static final EvaluationOptions OPTIONS = EvaluationOptions.DEFAULTS.withNoise(0.1);

    private static final RefusalPolicy POLICY =
            TwoCategories.defaults(Rule.THRESHOLD).withThreshold("b", 0.3);

    /** Thresholds 0.5 and 0.3; the comments say what is decided. */
    private static ScoredPrompts prompts() {
        return new TwoCategories()
                .refuse("a", 0.8, 0.1) // a
                .refuse("a", 0.2, 0.4) // b
                .refuse("a", 0.4, 0.1) // respond
                .refuse("b", 0.1, 0.6) // b
                .refuse("other", 0.6, 0.35) // a
                .answer(0.5, 0.2) // a
                .answer("a", 0.45, 0.1) // respond
                .answer("b", 0.1, 0.29) // respond
                .answer(0.1, 0.1) // respond
                .build();
    }

    private static void requireRate(int count, int rows, Rate rate) {
        assertEquals(ClopperPearson.interval(count, rows, 0.95), rate.interval());
        assertEquals(count, rate.count());
        assertEquals(rows, rate.rows());
    }

    @Test
    void rates_of_a_category_look_at_its_own_threshold_alone() {
        Evaluation evaluation = Evaluation.of(prompts(), POLICY, OPTIONS);
        assertFalse(evaluation.calibratedOnTheseRows());
        RefusalRates a = evaluation.categories().get(0);
        assertEquals("a", a.category());
        requireRate(1, 4, a.falseRefusal());
        requireRate(0, 1, a.nearMissFalseRefusal());
        requireRate(1, 3, a.refusal());
        requireRate(1, 2, a.precision());
        assertEquals(2.0 * 1 / (2 + 3), a.f1());
        assertEquals((4 + 2 + 2) / 12.0, a.roc().auc()); // pairs won by 0.8, 0.2, 0.4 against 0.5, 0.45, 0.1, 0.1
        RefusalRates b = evaluation.categories().get(1);
        requireRate(0, 4, b.falseRefusal());
        requireRate(1, 1, b.refusal());
        assertEquals(1.0, b.roc().auc());
    }

    @Test
    void joint_rates_count_being_refused_at_all() {
        RefusalRates joint = Evaluation.of(prompts(), POLICY, OPTIONS).joint();
        assertNull(joint.category());
        requireRate(1, 4, joint.falseRefusal());
        requireRate(0, 2, joint.nearMissFalseRefusal());
        requireRate(4, 5, joint.refusal());
        requireRate(4, 5, joint.precision());
        assertEquals(0.8, joint.f1());
        // By odds over the threshold's: refuse 4, 14/9, 2/3, 3.5, 1.5; answer 1, 9/11, 0.95, 7/27.
        assertEquals((4 + 4 + 1 + 4 + 4) / 20.0, joint.roc().auc());
    }

    @Test
    void the_confusion_counts_decisions_by_label() {
        Confusion confusion = Evaluation.of(prompts(), POLICY, OPTIONS).confusion();
        assertEquals(List.of("a", "b", "respond", "none"), confusion.expected());
        assertEquals(List.of("a", "b", "respond", "model"), confusion.decided());
        assertEquals(
                List.of(List.of(1, 1, 1, 0), List.of(0, 1, 0, 0), List.of(1, 0, 3, 0), List.of(1, 0, 0, 0)),
                confusion.counts());
    }

    @Test
    void tokens_of_the_models_own_have_a_column() {
        ScoredPrompts prompts = new TwoCategories()
                .add(null, false, 0.1, 0.2, 0.1, TwoCategories.NO_LABEL)
                .add("b", true, 0.1, 0.2, 0.1, TwoCategories.B)
                .build();
        RefusalPolicy policy = POLICY.withRule(Rule.TOP_CATEGORY).withoutThreshold("b");
        Evaluation evaluation = Evaluation.of(prompts, policy, OPTIONS);
        assertEquals(
                List.of(List.of(0, 0, 0, 0), List.of(0, 1, 0, 0), List.of(0, 0, 0, 1), List.of(0, 0, 0, 0)),
                evaluation.confusion().counts());
        requireRate(1, 1, evaluation.joint().refusal());
        requireRate(0, 1, evaluation.categories().get(1).refusal());
    }

    @Test
    void the_noise_band_holds_scores_near_their_threshold_in_log_odds() {
        // Within 0.1 of logit 0.5 = 0 lies a's 0.5; of logit 0.3 lies b's 0.29, by ln(3/7) - ln(29/71) = 0.048.
        requireRate(2, 9, Evaluation.of(prompts(), POLICY, OPTIONS).withinNoise());
        requireRate(
                1,
                9,
                Evaluation.of(prompts(), POLICY, EvaluationOptions.DEFAULTS.withNoise(0.04))
                        .withinNoise());
        RefusalPolicy always = POLICY.withThreshold("a", 0).withoutThreshold("b");
        requireRate(0, 9, Evaluation.of(prompts(), always, OPTIONS).withinNoise());
        RefusalPolicy sum = POLICY.withRule(Rule.SUM).withSumThreshold(0.7);
        requireRate(
                2,
                9,
                Evaluation.of(prompts(), sum, EvaluationOptions.DEFAULTS.withNoise(1e-9))
                        .withinNoise());
        // Two ties with respond, 0.4 to 0.4 and 0.45 to 0.45.
        RefusalPolicy biases = TwoCategories.defaults(Rule.LOGIT_BIAS);
        requireRate(
                2,
                9,
                Evaluation.of(prompts(), biases, EvaluationOptions.DEFAULTS.withNoise(1e-9))
                        .withinNoise());
    }

    @Test
    void reliability_compares_probabilities_with_what_came_true() {
        ScoredPrompts prompts = new TwoCategories()
                .refuse("a", 0.9, 0)
                .refuse("b", 0.8, 0.2)
                .answer(0.1, 0)
                .build();
        EvaluationOptions halves = EvaluationOptions.builder()
                .noise(0)
                .rocPoints(10)
                .reliabilityBins(2)
                .build();
        Evaluation evaluation = Evaluation.of(prompts, POLICY, halves);
        Reliability a = evaluation.categories().get(0).reliability();
        assertEquals(2, a.bins().size());
        assertEquals(new Reliability.Bin(0, 0.5, 1, 0.1, 0), a.bins().get(0));
        Reliability.Bin upper = a.bins().get(1);
        assertEquals(2, upper.rows());
        assertEquals(0.85, upper.probability(), 1e-15);
        assertEquals(0.5, upper.share());
        assertNotNull(a.expectedError());
        assertEquals((0.1 + 0.7) / 3, a.expectedError(), 1e-15);
        assertEquals(1, evaluation.joint().reliability().bins().get(1).share());
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void every_rule_can_be_evaluated(Rule rule) {
        RefusalPolicy policy = TwoCategories.defaults(rule).withThreshold("b", 0);
        Evaluation evaluation = Evaluation.of(prompts(), policy, OPTIONS);
        boolean jointOnly = rule == Rule.SUM || rule == Rule.LOGIT_BIAS;
        assertEquals(jointOnly ? 0 : 2, evaluation.categories().size());
        assertEquals(rule == Rule.SUM, evaluation.steering() == null);
        Decisions decisions = prompts().decide(policy);
        assertEquals(
                decisions.refusals(prompts().shouldAnswer()),
                evaluation.joint().falseRefusal().count());
        assertNotNull(evaluation.joint().roc().auc());
    }

    @Test
    void no_interval_is_given_on_the_rows_that_chose_the_thresholds() {
        RefusalPolicy policy = Calibrator.calibrate(
                        prompts(), CalibrationRequest.of(Rule.THRESHOLD, new Objective.MaxF1(false)))
                .policy();
        Evaluation evaluation = Evaluation.of(prompts(), policy, OPTIONS);
        assertTrue(evaluation.calibratedOnTheseRows());
        assertNull(evaluation.joint().falseRefusal().interval());
        assertNull(evaluation.categories().get(0).refusal().interval());
        assertNotNull(evaluation.categories().get(0).refusal().value());

        ScoreMeta other = new ScoreMeta(
                "model-1",
                "chatml",
                null,
                1,
                TwoCategories.LABELS,
                TwoCategories.TOKENS.identity(),
                "data-2",
                null,
                null,
                null);
        ScoredPrompts fresh = new TwoCategories(other).answer(0.1, 0.1).build();
        Evaluation onFresh = Evaluation.of(fresh, policy, OPTIONS);
        assertFalse(onFresh.calibratedOnTheseRows());
        assertNotNull(onFresh.joint().falseRefusal().interval());
        assertNull(onFresh.joint().refusal().interval());
        assertNull(onFresh.joint().refusal().value());
        assertNull(onFresh.joint().roc().auc());
    }

    @Test
    void a_hand_edited_policy_has_no_promise_and_intervals_again() {
        RefusalPolicy policy = Calibrator.calibrate(
                        prompts(), CalibrationRequest.of(Rule.THRESHOLD, new Objective.MaxF1(false)))
                .policy();
        assertFalse(Evaluation.of(prompts(), policy.withThreshold("a", 0.2), OPTIONS)
                .calibratedOnTheseRows());
    }

    @Test
    void options_outside_their_range_are_errors() {
        assertThrows(
                IllegalArgumentException.class,
                () -> EvaluationOptions.builder().confidence(1).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> EvaluationOptions.builder().noise(-1).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> EvaluationOptions.builder().steeringShift(0).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> EvaluationOptions.builder().rocPoints(1).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> EvaluationOptions.builder().reliabilityBins(0).build());
    }
}
