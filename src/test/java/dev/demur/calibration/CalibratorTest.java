package dev.demur.calibration;

import static dev.demur.scoring.TwoCategories.threshold;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.scoring.TwoCategories;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Calibrations worked out by hand. At a target of 1/2 with confidence 0.7, five rows allow k = 1, because P(Bin(5, 1/2)
 * &le; 1) = 6/32 and P(Bin(5, 1/2) &le; 2) = 16/32; two rows allow 0, one row is too few.
 */
class CalibratorTest {

    private static final Objective FALSE_REFUSAL = new Objective.FalseRefusal(0.5, 0.7, false);
    private static final Objective NEAR_MISS = new Objective.FalseRefusal(0.5, 0.7, true);
    private static final Objective REFUSAL = new Objective.Refusal(0.5, 0.7);
    private static final Objective MAX_F1 = new Objective.MaxF1(false);

    /** beta.ppf(0.7, 2, 4) of SciPy 1.17.1. */
    private static final double BOUND = 0.4220082074086322;

    private static CalibrationResult calibrate(ScoredPrompts prompts, Rule rule, Objective objective) {
        return Calibrator.calibrate(prompts, CalibrationRequest.of(rule, objective));
    }

    private static ScoredPrompts fiveAnswers() {
        return new TwoCategories()
                .answer(0.4, 0.3)
                .answer(0.1, 0)
                .answer(0.5, 0.1)
                .answer(0.2, 0.6)
                .answer(0.3, 0.2)
                .build();
    }

    @Test
    void a_threshold_is_the_next_double_above_the_second_largest_score() {
        CalibrationResult result = calibrate(fiveAnswers(), Rule.THRESHOLD, FALSE_REFUSAL);
        assertEquals(Math.nextUp(0.4), threshold(result.policy(), "a"));
        assertEquals(Math.nextUp(0.3), threshold(result.policy(), "b"));
        Calibrated a = result.outcomes().get(0);
        assertEquals("a", a.category());
        assertEquals(5, a.rows());
        assertEquals(1, a.allowed());
        assertNotNull(a.bound());
        assertEquals(BOUND, a.bound(), 1e-9);
        assertNull(a.reason());
    }

    @Test
    void rows_that_tie_with_the_boundary_are_all_answered() {
        ScoredPrompts prompts = new TwoCategories()
                .answer(0.4, 0)
                .answer(0.4, 0)
                .answer(0.4, 0)
                .answer(0.1, 0)
                .answer(0.5, 0)
                .build();
        RefusalPolicy policy = calibrate(prompts, Rule.THRESHOLD, FALSE_REFUSAL).policy();
        assertEquals(Math.nextUp(0.4), threshold(policy, "a"));
        assertEquals(1, prompts.decide(policy).refusals(prompts.shouldAnswer()));
    }

    @Test
    void where_the_threshold_would_exceed_1_there_is_none_and_the_promise_holds() {
        ScoredPrompts prompts = new TwoCategories()
                .answer(1, 0)
                .answer(1, 0)
                .answer(0.1, 0)
                .answer(0.2, 0)
                .answer(0.3, 0)
                .build();
        for (boolean joint : new boolean[] {false, true}) {
            CalibrationRequest request = CalibrationRequest.of(Rule.THRESHOLD, FALSE_REFUSAL);
            CalibrationResult result = Calibrator.calibrate(prompts, joint ? request.jointly() : request);
            assertNull(threshold(result.policy(), "a"));
            assertNotNull(result.outcomes().get(0).bound());
            assertEquals(0, prompts.decide(result.policy()).refusals(prompts.shouldAnswer()));
        }
    }

    @Test
    void relative_scores_are_shares_of_refusing_and_responding() {
        ScoredPrompts prompts = new TwoCategories()
                .add(null, false, 0.1, 0.6, 0.3, TwoCategories.RESPOND) // r_a = 1/4
                .add(null, false, 0.3, 0.4, 0.3, TwoCategories.RESPOND) // 1/2
                .add(null, false, 0.3, 0.6, 0.1, TwoCategories.RESPOND) // 3/4
                .add(null, false, 0.2, 0, 0.8, TwoCategories.RESPOND) // 1/5
                .add(null, false, 0, 0, 0, TwoCategories.NO_LABEL) // 0 of 0
                .build();
        RefusalPolicy policy = calibrate(prompts, Rule.RELATIVE, FALSE_REFUSAL).policy();
        Double threshold = threshold(policy, "a");
        assertNotNull(threshold);
        assertEquals(0.5, threshold, 1e-15);
        assertEquals(1, prompts.reaching(policy, 0, prompts.shouldAnswer()));
    }

    @Test
    void by_top_category_a_prompt_with_another_top_category_scores_0() {
        RefusalPolicy policy =
                calibrate(fiveAnswers(), Rule.TOP_CATEGORY, FALSE_REFUSAL).policy();
        assertEquals(Math.nextUp(0.4), threshold(policy, "a")); // of 0.4, 0.1, 0.5, 0, 0.3
        assertEquals(Double.MIN_VALUE, threshold(policy, "b")); // of 0, 0, 0, 0.6, 0
    }

    @Test
    void by_top_category_no_threshold_above_1_stands_for_leaving_it_to_the_model() {
        ScoredPrompts prompts = new TwoCategories()
                .answer(1, 0)
                .answer(1, 0)
                .answer(0.1, 0)
                .answer(0.2, 0)
                .answer(0.3, 0)
                .build();
        CalibrationRequest request = CalibrationRequest.of(Rule.TOP_CATEGORY, FALSE_REFUSAL);
        Calibrated separate = Calibrator.calibrate(prompts, request).outcomes().get(0);
        assertNull(separate.bound());
        assertEquals("no setting refuses at most 1 of 5 should-answer prompts", separate.reason());
        CalibrationResult joint = Calibrator.calibrate(prompts, request.jointly());
        assertNull(joint.outcomes().get(0).bound());
    }

    @Test
    void the_rule_sum_has_one_threshold_and_a_joint_promise() {
        CalibrationResult result = calibrate(fiveAnswers(), Rule.SUM, FALSE_REFUSAL); // 0.7, 0.1, 0.6, 0.8, 0.5
        assertEquals(Math.nextUp(0.4 + 0.3), result.policy().sumThreshold());
        assertNull(result.outcomes().get(0).category());
        assertNull(result.shift());
        assertEquals(
                1, fiveAnswers().decide(result.policy()).refusals(fiveAnswers().shouldAnswer()));
    }

    @Test
    void logit_bias_shifts_all_biases_so_that_the_boundary_is_nearly_a_tie() {
        RefusalPolicy start = TwoCategories.defaults(Rule.LOGIT_BIAS).withBias("a", Math.log(2));
        // Odds against respond, a doubled: 0.8/0.3, 0.2/0.9, 1/0.4, 0.6/0.2, 0.6/0.5; the second largest is 8/3.
        CalibrationResult result = Calibrator.calibrate(
                fiveAnswers(),
                CalibrationRequest.of(Rule.LOGIT_BIAS, FALSE_REFUSAL).from(start));
        Double shift = result.shift();
        assertNotNull(shift);
        assertEquals(-Math.log(8 / 3.0), shift, 1e-9);
        assertEquals(
                Math.log(2) + shift, result.policy().category("a").orElseThrow().bias());
        assertEquals(shift, result.policy().category("b").orElseThrow().bias());
        Decisions decisions = fiveAnswers().decide(result.policy());
        assertEquals(1, decisions.refusals(fiveAnswers().shouldAnswer()));
        assertTrue(decisions.refused(3));
    }

    @Test
    void a_logit_bias_cannot_answer_prompts_whose_respond_probability_is_0() {
        ScoredPrompts prompts = new TwoCategories()
                .add(null, false, 0.1, 0, 0, TwoCategories.NO_LABEL)
                .add(null, false, 0, 0, 0, TwoCategories.NO_LABEL)
                .answer(0.1, 0)
                .answer(0.2, 0)
                .answer(0.3, 0)
                .build();
        CalibrationResult result = calibrate(prompts, Rule.LOGIT_BIAS, FALSE_REFUSAL);
        assertEquals(
                "no setting refuses at most 1 of 5 should-answer prompts",
                result.outcomes().get(0).reason());
        assertNull(result.shift());
    }

    @Test
    void a_logit_bias_never_shifts_further_than_any_logits_lie_apart() {
        TwoCategories table = new TwoCategories();
        for (int i = 0; i < 5; i++) {
            table.add(null, false, 0, 0, 1, TwoCategories.RESPOND);
        }
        assertEquals(
                1e6, calibrate(table.build(), Rule.LOGIT_BIAS, FALSE_REFUSAL).shift());
    }

    @Test
    void a_joint_calibration_shifts_the_log_odds_of_all_thresholds_alike() {
        RefusalPolicy start = TwoCategories.defaults(Rule.THRESHOLD).withThreshold("a", 0.2); // odds 1/4, b's 1
        ScoredPrompts prompts = new TwoCategories()
                .answer(0.5, 0) // odds 1 / (1/4) = 4
                .answer(0, 0.6) // odds 3/2 / 1 = 1.5
                .answer(0.2, 0.1) // 1
                .answer(0.1, 0.2) // 4/9
                .answer(0, 0)
                .build();
        CalibrationResult result = Calibrator.calibrate(
                prompts,
                CalibrationRequest.of(Rule.THRESHOLD, FALSE_REFUSAL).from(start).jointly());
        Double shift = result.shift();
        Double a = threshold(result.policy(), "a");
        Double b = threshold(result.policy(), "b");
        assertNotNull(shift);
        assertNotNull(a);
        assertNotNull(b);
        assertEquals(Math.log(1.5), shift, 1e-12);
        assertEquals(0.375 / 1.375, a, 1e-12);
        assertEquals(0.6, b, 1e-12);
        assertTrue(b > 0.6, "b=" + b);
        assertEquals(1, prompts.decide(result.policy()).refusals(prompts.shouldAnswer()));
        assertEquals(1, result.outcomes().size());
        assertNull(result.outcomes().get(0).category());
        assertNull(result.jointBound());
    }

    @Test
    void a_joint_calibration_starts_at_one_half_where_the_start_has_no_threshold() {
        RefusalPolicy start = TwoCategories.defaults(Rule.THRESHOLD).withoutThreshold("b");
        CalibrationResult result = Calibrator.calibrate(
                fiveAnswers(),
                CalibrationRequest.of(Rule.THRESHOLD, FALSE_REFUSAL)
                        .from(start)
                        .withCategories(List.of("a", "b"))
                        .jointly());
        assertEquals(threshold(result.policy(), "a"), threshold(result.policy(), "b"));
        assertEquals(
                1, fiveAnswers().decide(result.policy()).refusals(fiveAnswers().shouldAnswer()));
    }

    @Test
    void a_joint_promise_counts_the_refusals_of_categories_that_stand_still() {
        RefusalPolicy start =
                TwoCategories.defaults(Rule.THRESHOLD).withThreshold("b", 0.55); // refuses the row of 0.2 and 0.6
        CalibrationRequest request = CalibrationRequest.of(Rule.THRESHOLD, FALSE_REFUSAL)
                .from(start)
                .withCategories(List.of("a"))
                .jointly();
        CalibrationResult result = Calibrator.calibrate(fiveAnswers(), request);
        Double a = threshold(result.policy(), "a");
        assertNotNull(a);
        assertEquals(0.5, a, 1e-12); // 0.5 is the second one, after the row that b refuses
        assertTrue(a > 0.5);
        assertEquals(0.55, threshold(result.policy(), "b"));

        CalibrationResult impossible =
                Calibrator.calibrate(fiveAnswers(), request.from(start.withThreshold("b", 0.25)));
        assertEquals(
                "no setting refuses at most 1 of 5 should-answer prompts",
                impossible.outcomes().get(0).reason());
    }

    @Test
    void a_joint_promise_by_top_category_counts_what_the_model_refuses_by_itself() {
        TwoCategories table = new TwoCategories()
                .add(null, false, 0.1, 0.8, 0.1, TwoCategories.B) // top b has no threshold, and the model chooses b
                .add(null, false, 0.1, 0.2, 0.1, TwoCategories.NO_LABEL);
        ScoredPrompts prompts =
                table.answer(0.4, 0).answer(0.3, 0).answer(0.2, 0).build();
        CalibrationRequest request = CalibrationRequest.of(Rule.TOP_CATEGORY, FALSE_REFUSAL)
                .withCategories(List.of("a"))
                .jointly();
        CalibrationResult result = Calibrator.calibrate(prompts, request);
        Double a = threshold(result.policy(), "a");
        assertNotNull(a);
        assertEquals(0.4, a, 1e-12);
        assertTrue(a > 0.4);
        assertEquals(1, prompts.decide(result.policy()).refusals(prompts.shouldAnswer()));
    }

    @Test
    void a_near_miss_promise_looks_at_near_misses_of_the_category_alone() {
        TwoCategories table = new TwoCategories();
        for (int i = 1; i <= 5; i++) {
            table.answer("a", i / 100.0, 0).answer("b", 0.9, i / 10.0).answer(0.9, 0.9 - i / 10.0);
        }
        CalibrationResult result = calibrate(table.build(), Rule.THRESHOLD, NEAR_MISS);
        assertEquals(Math.nextUp(0.04), threshold(result.policy(), "a"));
        assertEquals(Math.nextUp(0.4), threshold(result.policy(), "b"));
        assertNull(result.jointBound());
        assertEquals("near misses of different categories are different prompts", result.jointBoundReason());
        ScoredPrompts prompts = table.build();
        CalibrationResult joint = Calibrator.calibrate(
                prompts, CalibrationRequest.of(Rule.THRESHOLD, NEAR_MISS).jointly());
        assertEquals(10, joint.outcomes().get(0).rows());
    }

    @Test
    void a_refusal_target_takes_the_second_smallest_score_itself() {
        ScoredPrompts prompts = new TwoCategories()
                .refuse("a", 0.4, 0.3)
                .refuse("a", 0.1, 0)
                .refuse("a", 0.5, 0.1)
                .refuse("a", 0.2, 0.6)
                .refuse("a", 0.2, 0.2)
                .refuse("b", 0.05, 0.2)
                .answer(0.01, 0)
                .build();
        CalibrationResult result = calibrate(prompts, Rule.THRESHOLD, REFUSAL);
        assertEquals(0.2, threshold(result.policy(), "a"));
        Double bound = result.outcomes().get(0).bound();
        assertNotNull(bound);
        assertEquals(1 - BOUND, bound, 1e-9);
        assertEquals(
                "too few rows: has 1 should-refuse prompts, needs 2",
                result.outcomes().get(1).reason());
        assertNull(threshold(result.policy(), "b"));
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void a_joint_refusal_target_refuses_all_but_the_allowed(Rule rule) {
        ScoredPrompts prompts = new TwoCategories()
                .refuse("a", 0.4, 0.3)
                .refuse("a", 0.1, 0)
                .refuse("b", 0.5, 0.1)
                .refuse(null, 0.2, 0.6)
                .refuse("other", 0.3, 0.2)
                .build();
        CalibrationRequest request = CalibrationRequest.of(rule, REFUSAL).jointly();
        CalibrationResult result = Calibrator.calibrate(prompts, request);
        Decisions decisions = prompts.decide(result.policy());
        assertEquals(4, decisions.refusals(prompts.shouldRefuse()));
        assertFalse(decisions.refused(1));
        assertEquals(5, result.outcomes().get(0).rows());
    }

    @Test
    void by_top_category_no_threshold_refuses_prompts_whose_top_category_is_another_one() {
        TwoCategories table = new TwoCategories();
        for (int i = 0; i < 5; i++) {
            table.refuse("a", 0.1, i < 2 ? 0.2 : 0.05);
        }
        Calibrated a =
                calibrate(table.build(), Rule.TOP_CATEGORY, REFUSAL).outcomes().get(0);
        assertEquals("no setting refuses all but 1 of 5 should-refuse prompts", a.reason());
    }

    @Test
    void max_f1_takes_the_threshold_with_the_best_f1_and_promises_nothing() {
        ScoredPrompts prompts = new TwoCategories()
                .refuse("a", 0.9, 0)
                .refuse("a", 0.6, 0) // 2 of 2: precision 1, recall 2/3, F1 4/5
                .answer(0.5, 0)
                .refuse("a", 0.4, 0) // 3 of 4: precision 3/4, recall 1, F1 6/7
                .answer(0.3, 0)
                .refuse("b", 0.99, 0.005)
                .build();
        CalibrationResult result = calibrate(prompts, Rule.THRESHOLD, MAX_F1);
        assertEquals(0.4, threshold(result.policy(), "a"));
        Calibrated a = result.outcomes().get(0);
        assertNotNull(a.f1());
        assertEquals(6 / 7.0, a.f1(), 1e-15);
        assertNull(a.bound());
        assertEquals("F1 is the largest on these very rows", a.reason());
        assertEquals("Promises nothing: F1 is the largest on these very rows.", result.statement());
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void joint_max_f1_refuses_as_its_f1_says(Rule rule) {
        ScoredPrompts prompts = new TwoCategories()
                .refuse("a", 0.8, 0)
                .refuse("b", 0, 0.6)
                .answer(0.5, 0)
                .refuse("a", 0.4, 0)
                .answer(0.3, 0)
                .build();
        CalibrationRequest request = CalibrationRequest.of(rule, MAX_F1).jointly();
        CalibrationResult result = Calibrator.calibrate(prompts, request);
        Double f1 = result.outcomes().get(0).f1();
        assertNotNull(f1);
        assertEquals(6 / 7.0, f1, 1e-15);
        Decisions decisions = prompts.decide(result.policy());
        assertEquals(3, decisions.refusals(prompts.shouldRefuse()));
        assertEquals(1, decisions.refusals(prompts.shouldAnswer()));
    }

    @Test
    void max_f1_without_prompts_to_refuse_sets_no_threshold() {
        CalibrationResult result = calibrate(fiveAnswers(), Rule.THRESHOLD, MAX_F1);
        assertEquals(
                "no should-refuse prompts that a threshold could refuse",
                result.outcomes().get(0).reason());
        assertNull(threshold(result.policy(), "a"));
    }

    @Test
    void too_few_rows_set_no_threshold_unless_the_start_is_to_be_kept() {
        ScoredPrompts one = new TwoCategories().answer(0.4, 0.3).build();
        CalibrationRequest request = CalibrationRequest.of(Rule.THRESHOLD, FALSE_REFUSAL);
        CalibrationResult result = Calibrator.calibrate(one, request);
        assertNull(threshold(result.policy(), "a"));
        assertEquals(
                "too few rows: has 1 should-answer prompts, needs 2",
                result.outcomes().get(0).reason());
        assertEquals("Promises nothing: too few rows: has 1 should-answer prompts, needs 2.", result.statement());
        assertEquals(
                0.5,
                threshold(Calibrator.calibrate(one, request.keepingUnpromised()).policy(), "a"));
        assertNull(threshold(Calibrator.calibrate(one, request.jointly()).policy(), "b"));
        assertEquals(
                0.5,
                threshold(
                        Calibrator.calibrate(one, request.jointly().keepingUnpromised())
                                .policy(),
                        "b"));
    }

    @Test
    void only_the_named_categories_are_calibrated_and_the_others_have_no_threshold_without_a_start() {
        CalibrationRequest request =
                CalibrationRequest.of(Rule.THRESHOLD, FALSE_REFUSAL).withCategories(List.of("b"));
        CalibrationResult alone = Calibrator.calibrate(fiveAnswers(), request);
        assertNull(threshold(alone.policy(), "a"));
        assertEquals(Math.nextUp(0.3), threshold(alone.policy(), "b"));
        assertEquals(1, alone.outcomes().size());
        assertNotNull(alone.jointBound());
        assertEquals(BOUND, alone.jointBound(), 1e-9);

        RefusalPolicy start = TwoCategories.defaults(Rule.RELATIVE).withReply("a", "No.");
        CalibrationResult kept = Calibrator.calibrate(fiveAnswers(), request.from(start));
        assertEquals(0.5, threshold(kept.policy(), "a"));
        assertEquals("No.", kept.policy().category("a").orElseThrow().reply());
        assertEquals(Rule.THRESHOLD, kept.policy().rule());
        assertNull(kept.jointBound());
        assertEquals("the threshold of a promises nothing", kept.jointBoundReason());
    }

    @Test
    void a_start_that_leaves_a_category_out_is_completed() {
        RefusalPolicy whole = TwoCategories.defaults(Rule.THRESHOLD);
        RefusalPolicy start = new RefusalPolicy(
                Rule.THRESHOLD, 1, whole.readout(), null, whole.categories().subList(1, 2), null);
        CalibrationRequest request =
                CalibrationRequest.of(Rule.THRESHOLD, FALSE_REFUSAL).from(start);
        RefusalPolicy policy = Calibrator.calibrate(fiveAnswers(), request).policy();
        assertNull(threshold(policy, "a"));
        assertEquals(Math.nextUp(0.3), threshold(policy, "b"));
        RefusalPolicy both = Calibrator.calibrate(fiveAnswers(), request.withCategories(List.of("a", "b")))
                .policy();
        assertEquals(Math.nextUp(0.4), threshold(both, "a"));
    }

    @Test
    void separate_promises_add_up_to_a_joint_bound_at_a_shared_confidence() {
        CalibrationResult result = calibrate(fiveAnswers(), Rule.THRESHOLD, FALSE_REFUSAL);
        assertNotNull(result.jointBound());
        // 2 * beta.ppf(1 - 0.3 / 2, 2, 4) of SciPy 1.17.1, which exceeds what a rate can be
        assertEquals(Math.min(1, 2 * 0.5320503354725175), result.jointBound(), 1e-9);
        assertTrue(result.statement().contains("The promises are separate, each for itself."), result.statement());
        assertNull(result.jointBoundReason());
    }

    @Test
    void the_joint_bound_is_below_1_where_there_are_rows_enough() {
        TwoCategories table = new TwoCategories();
        for (int i = 0; i < 200; i++) {
            table.answer(i / 500.0, (199 - i) / 500.0);
        }
        CalibrationResult result =
                calibrate(table.build(), Rule.THRESHOLD, new Objective.FalseRefusal(0.05, 0.95, false));
        assertNotNull(result.jointBound());
        // 2 * beta.ppf(1 - 0.05 / 2, 5, 196) of SciPy 1.17.1
        assertEquals(2 * 0.05041360908989629, result.jointBound(), 1e-9);
        assertEquals(
                "For each category with a bound: with confidence 95 %, at most 5 % of fresh should-answer prompts from"
                        + " the same source reach its threshold. The promises are separate, each for itself. Together"
                        + " they promise, with the same confidence: at most 10.1 % are refused at all.",
                result.statement());
    }

    @Test
    void targets_for_refusing_give_no_joint_bound() {
        assertEquals(
                "only a target for the false refusal rate promises one",
                calibrate(fiveAnswers(), Rule.THRESHOLD, REFUSAL).jointBoundReason());
    }

    @Test
    void the_policy_says_what_it_was_calibrated_on() {
        String json = String.valueOf(
                calibrate(fiveAnswers(), Rule.THRESHOLD, FALSE_REFUSAL).policy().calibration());
        String expected = "{\"fingerprint\":\"model-1\",\"template\":\"chatml\",\"renderer\":null,\"system\":null,"
                + "\"readout\":\"tokens f063c2ba9a13a311\",\"temperature\":1.0,\"llama\":\"old\",\"device\":\"CPU\",\"dataHash\":\"data-1\",\"scoresHash\":\"\",\"rows\":5,"
                + "\"prompts\":5,\"promptSketch\":null,\"policyHash\":\""
                + calibrate(fiveAnswers(), Rule.THRESHOLD, FALSE_REFUSAL)
                        .policy()
                        .checksum()
                + "\",\"rule\":\"threshold\",\"objective\":\"false-refusal\",\"target\":0.5,\"confidence\":0.7,\"nearMissesOnly\":false,"
                + "\"joint\":false,\"outcomes\":[{\"category\":\"a\",\"n\":5,\"k\":1,\"bound\":";
        assertTrue(json.startsWith(expected), json);
        assertTrue(json.contains("\"f1\":null,\"reason\":null}"), json);
        String again = String.valueOf(
                calibrate(fiveAnswers(), Rule.THRESHOLD, FALSE_REFUSAL).policy().calibration());
        assertEquals(json, again);
    }

    @Test
    void a_start_with_another_temperature_is_an_error_that_names_the_command_to_score_again() {
        RefusalPolicy start = TwoCategories.defaults(Rule.THRESHOLD).withTemperature(2);
        requireError(
                "policy: temperature: 2.0, but the prompts were scored with 1.0; score them again: PromptScorer"
                        + " with the temperature 2.0",
                CalibrationRequest.of(Rule.THRESHOLD, FALSE_REFUSAL).from(start));
    }

    @Test
    void without_a_start_the_policy_has_the_temperature_of_the_scores() {
        ScoreMeta meta = new ScoreMeta(
                "m", null, null, 2, TwoCategories.LABELS, TwoCategories.TOKENS.identity(), "d", null, null, null);
        ScoredPrompts prompts = new TwoCategories(meta).answer(0.5, 0.1).build();
        assertEquals(
                2, calibrate(prompts, Rule.RELATIVE, FALSE_REFUSAL).policy().temperature());
    }

    @Test
    void a_joint_promise_cannot_start_from_what_the_same_prompts_chose() {
        CalibrationRequest separate = CalibrationRequest.of(Rule.THRESHOLD, FALSE_REFUSAL);
        RefusalPolicy chosen = Calibrator.calibrate(fiveAnswers(), separate).policy();
        requireError(
                "start: the policy to start from was calibrated on these very prompts; a joint promise needs other"
                        + " prompts, or a start that they did not choose",
                separate.from(chosen).jointly());
        assertNotNull(Calibrator.calibrate(fiveAnswers(), separate.from(chosen))
                .outcomes()
                .get(0)
                .bound());
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
        TwoCategories fresh = new TwoCategories(other).answer(0.5, 0).answer(0.1, 0.1);
        assertNotNull(Calibrator.calibrate(fresh.build(), separate.from(chosen).jointly())
                .outcomes()
                .get(0)
                .bound());
    }

    @Test
    void statements_say_what_is_promised() {
        CalibrationRequest request = CalibrationRequest.of(Rule.THRESHOLD, FALSE_REFUSAL);
        assertEquals(
                "With confidence 70 %, at most 50 % of fresh should-answer prompts from the same source are refused at"
                        + " all.",
                Calibrator.calibrate(fiveAnswers(), request.jointly()).statement());
        TwoCategories table = new TwoCategories();
        for (int i = 0; i < 5; i++) {
            table.answer("a", 0.1, 0.1).refuse("a", 0.5, 0.1);
        }
        assertEquals(
                "For each category with a bound: with confidence 70 %, at most 50 % of fresh near misses of the category"
                        + " from the same source reach its threshold. The promises are separate, each for itself. How"
                        + " many are refused at all is not promised: near misses of different categories are different"
                        + " prompts.",
                calibrate(table.build(), Rule.THRESHOLD, NEAR_MISS).statement());
        assertEquals(
                "For each category with a bound: with confidence 70 %, at least 50 % of fresh should-refuse prompts of"
                        + " the category from the same source reach its threshold. The promises are separate, each for"
                        + " itself.",
                calibrate(table.build(), Rule.THRESHOLD, REFUSAL).statement());
        assertEquals(
                "With confidence 70 %, at least 50 % of fresh should-refuse prompts from the same source are refused.",
                calibrate(table.build(), Rule.SUM, REFUSAL).statement());
    }

    @Test
    void what_cannot_be_calibrated_is_an_error() {
        CalibrationRequest request = CalibrationRequest.of(Rule.THRESHOLD, FALSE_REFUSAL);
        RefusalPolicy start = TwoCategories.defaults(Rule.THRESHOLD);
        requireError(
                "categories: \"c\" is not a category of the scored model, which has a, b",
                request.withCategories(List.of("c")));
        requireError(
                "categories: \"a\" starts from the threshold 0.0, which has no finite log-odds to shift; give it one"
                        + " between 0 and 1",
                request.from(start.withThreshold("a", 0)).jointly());
        requireError(
                "categories: the policy to start from has no threshold; name the categories to calibrate, of a, b",
                request.from(start.withoutThreshold("a").withoutThreshold("b")));
        assertThrows(IllegalArgumentException.class, () -> request.withCategories(List.of("a", "a")));
        assertThrows(
                IllegalArgumentException.class,
                () -> CalibrationRequest.of(Rule.SUM, FALSE_REFUSAL).withCategories(List.of("a")));
        assertThrows(IllegalArgumentException.class, () -> new Objective.FalseRefusal(0, 0.95, false));
        assertThrows(IllegalArgumentException.class, () -> new Objective.FalseRefusal(0.05, 1, false));
        assertThrows(IllegalArgumentException.class, () -> new Objective.Refusal(1, 0.95));
    }

    private static void requireError(@Nullable String message, CalibrationRequest request) {
        DemurException e = assertThrows(DemurException.class, () -> Calibrator.calibrate(fiveAnswers(), request));
        assertEquals(message, e.getMessage());
    }
}
