package dev.demur.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.demur.DemurException;
import dev.demur.policy.Calibrations;
import dev.demur.policy.LogisticMap;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.scoring.TwoCategories;
import dev.demur.statistics.ClopperPearson;
import dev.demur.suites.Repetitions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.hipparchus.distribution.discrete.BinomialDistribution;
import org.junit.jupiter.api.Test;

/**
 * A map that is fitted before thresholds are chosen breaks no more promises than theory says, and no fewer.
 *
 * <p>The source is a list of prompts that should be answered, each as likely as the others, so that the true rate of a policy is
 * its share of the list.
 */
class RefitTest {

    private static final int RUNS = Repetitions.of(500, 2_000);
    private static final int ANSWERS = 90;
    private static final int REFUSALS = 40;
    private static final double TARGET = 0.1;
    private static final double CONFIDENCE = 0.9;
    private static final int LISTED = 2_000;
    private static final long SEED = 20_260_202;

    /** A right program fails one such check in 150,000. */
    private static final double DEVIATIONS = 4.5;

    private static final CalibrationRequest REQUEST = CalibrationRequest.of(
                    Rule.REFIT, new Objective.FalseRefusal(TARGET, CONFIDENCE, false))
            .jointly();

    private static final double[][] LIST = list();
    private static final ScoredPrompts SOURCE = source();

    private static double[][] list() {
        Random random = new Random(SEED);
        double[][] list = new double[LISTED][];
        for (int i = 0; i < LISTED; i++) {
            list[i] = softmax(random.nextGaussian() - 1, random.nextGaussian() - 1, random.nextGaussian());
        }
        return list;
    }

    private static double[] softmax(double a, double b, double respond) {
        double sum = Math.exp(a) + Math.exp(b) + Math.exp(respond);
        return new double[] {Math.exp(a) / sum, Math.exp(b) / sum, Math.exp(respond) / sum};
    }

    private static ScoredPrompts source() {
        TwoCategories table = new TwoCategories();
        for (double[] p : LIST) {
            table.add(null, false, p[0], p[1], p[2], TwoCategories.RESPOND);
        }
        return table.build();
    }

    /** Of b more is refused than the model says, so that a map has something to learn. */
    private static ScoredPrompts draw(Random random, int answers, int refusals) {
        TwoCategories table = new TwoCategories();
        for (int i = 0; i < answers; i++) {
            double[] p = LIST[random.nextInt(LISTED)];
            table.add(null, false, p[0], p[1], p[2], TwoCategories.RESPOND);
        }
        for (int i = 0; i < refusals; i++) {
            boolean a = random.nextBoolean();
            double[] p =
                    softmax(random.nextGaussian() + (a ? 1 : -1), random.nextGaussian() - 1, random.nextGaussian() - 1);
            table.add(a ? "a" : "b", true, p[0], p[1], p[2], TwoCategories.RESPOND);
        }
        return table.build();
    }

    private static Refit.Refitted refit(ScoredPrompts prompts) {
        return Refit.calibrate(prompts, REQUEST, PromptGroups.of(prompts, Map.of()));
    }

    private static int violations(int runs, Function<ScoredPrompts, RefusalPolicy> calibrator) {
        Random random = new Random(SEED + 1);
        int violations = 0;
        for (int run = 0; run < runs; run++) {
            RefusalPolicy policy = calibrator.apply(draw(random, ANSWERS, REFUSALS));
            double rate = SOURCE.decide(policy).refusals(SOURCE.shouldAnswer()) / (double) LISTED;
            violations += rate > TARGET ? 1 : 0;
        }
        return violations;
    }

    /** P(Bin(n, A) &le; k). */
    private static double breakingRate(int rows) {
        int k = ClopperPearson.allowed(rows, TARGET, CONFIDENCE);
        return new BinomialDistribution(rows, TARGET).cumulativeProbability(k);
    }

    private static double deviation(double rate, int runs) {
        return Math.sqrt(runs * rate * (1 - rate));
    }

    @Test
    void many_refits_break_the_promise_as_often_as_the_binomial_law_says() {
        double rate = breakingRate(ANSWERS - ANSWERS / 3);
        int violations = violations(RUNS, prompts -> {
            CalibrationResult result = refit(prompts).result();
            assertEquals(ANSWERS - ANSWERS / 3, result.outcomes().get(0).rows());
            assertNotNull(result.outcomes().get(0).bound());
            return result.policy();
        });
        double tolerance = DEVIATIONS * deviation(rate, RUNS);
        assertTrue(
                Math.abs(violations - RUNS * rate) <= tolerance,
                "seed " + SEED + ": " + violations + " of " + RUNS + ", not " + RUNS * rate + " ± " + tolerance);
    }

    @Test
    void the_policy_records_the_map_what_it_was_fitted_on_and_all_prompts() {
        ScoredPrompts prompts = draw(new Random(SEED), 300, 200);
        Refit.Refitted refitted = refit(prompts);
        RefusalPolicy policy = refitted.result().policy();
        assertEquals(Rule.REFIT, policy.rule());
        assertNotNull(policy.map());
        assertEquals(300, refitted.summary().fitted(), "a third of 300, and 200");
        JsonObject note = Calibrations.json(policy);
        assertEquals(500, note.get("rows").getAsInt());
        assertEquals(300, note.getAsJsonObject("refit").get("fitted").getAsInt());
        Double before = refitted.summary().aucBefore();
        Double after = refitted.summary().aucAfter();
        assertTrue(before != null && after != null && after > before, before + " and " + after);

        RefusalPolicy read = PolicyFile.parse(PolicyFile.write(policy), "policy.json");
        assertEquals(policy, read);
        assertEquals(PolicyBinding.SAME, PolicyBinding.of(read));
        String edited = PolicyFile.write(policy).replaceFirst("\"bias\": -?[0-9.E-]+\n", "\"bias\": 0.125\n");
        RefusalPolicy other = PolicyFile.parse(edited, "policy.json");
        assertEquals(PolicyBinding.CHANGED, PolicyBinding.of(other));
        assertEquals(List.of(), PromisedBound.of(other));
        assertNotEquals(
                policy.checksum(),
                policy.withMap(LogisticMap.identity(prompts.labels())).checksum());
    }

    @Test
    void the_same_prompts_give_the_same_policy() {
        assertEquals(
                refit(draw(new Random(7), 120, 80)).result().policy(),
                refit(draw(new Random(7), 120, 80)).result().policy());
    }

    @Test
    void too_few_prompts_to_fit_on_are_an_error_that_counts_them() {
        ScoredPrompts few = draw(new Random(SEED), 100, 5);
        DemurException e = assertThrows(DemurException.class, () -> refit(few));
        assertEquals(
                "refit: a map would be fitted on 33 should-answer and 5 should-refuse prompts of the model's"
                        + " categories, and needs 10 of each: score more, or calibrate without it",
                e.getMessage());
    }

    @Test
    void a_map_of_a_policy_is_not_given_thresholds_by_the_rows_that_it_was_fitted_on() {
        ScoreMeta meta = TwoCategories.META;
        TwoCategories table = new TwoCategories(meta);
        Random random = new Random(SEED);
        for (int i = 0; i < 200; i++) {
            double[] p = LIST[random.nextInt(LISTED)];
            table.add(i % 2 == 0 ? null : "a", i % 2 == 1, p[0], p[1], p[2], TwoCategories.RESPOND);
        }
        ScoredPrompts prompts = table.build();
        CalibrationRequest again = CalibrationRequest.of(Rule.REFIT, REQUEST.objective())
                .from(refit(prompts).result().policy());
        DemurException e = assertThrows(DemurException.class, () -> Calibrator.calibrate(prompts, again));
        assertTrue(e.getMessage().contains("calibrated on these very prompts"), e.getMessage());
    }

    @Test
    void the_fit_has_the_least_loss_and_a_large_penalty_changes_nothing() {
        Random random = new Random(SEED);
        double[][] inputs = new double[60][];
        int[] labels = new int[60];
        for (int i = 0; i < 60; i++) {
            double[] p = LIST[random.nextInt(LISTED)];
            inputs[i] = new double[] {LogisticMap.input(p[0]), LogisticMap.input(p[1]), LogisticMap.input(p[2]), 1};
            labels[i] = random.nextInt(3);
        }
        double[] identity = LogisticFit.identity(2);
        double penalty = 2;
        double[] best = LogisticFit.minimise(inputs, labels, 2, penalty, identity);
        double least = objective(inputs, labels, penalty, best);
        for (int i = 0; i < best.length; i++) {
            for (double step : new double[] {-1e-3, 1e-3}) {
                double[] beside = best.clone();
                beside[i] += step;
                assertTrue(objective(inputs, labels, penalty, beside) > least, "parameter " + i);
            }
        }
        double[] held = LogisticFit.minimise(inputs, labels, 2, 1e12, identity);
        for (int i = 0; i < held.length; i++) {
            assertEquals(identity[i], held[i], 1e-6);
        }
    }

    private static double objective(double[][] inputs, int[] labels, double penalty, double[] at) {
        double[] identity = LogisticFit.identity(2);
        double sum = inputs.length * LogisticFit.loss(inputs, labels, 2, at);
        for (int i = 0; i < at.length; i++) {
            double weight = i % 4 == 3 ? penalty / 100 : penalty;
            sum += weight / 2 * (at[i] - identity[i]) * (at[i] - identity[i]);
        }
        return sum;
    }

    @Test
    void near_duplicates_are_one_group_and_others_are_not() {
        TwoCategories table = new TwoCategories();
        for (int i = 0; i < 4; i++) {
            table.answer(0.1, 0.2);
        }
        Map<String, String> texts = new HashMap<>();
        texts.put("r0", "How do I kill a Python process on Linux?");
        texts.put("r1", "how do I kill a Python process on Linux, please");
        texts.put("r2", "How do I bake bread without yeast?");
        texts.put("r3", "Hello");
        ScoredPrompts prompts = table.build();
        PromptGroups groups = PromptGroups.of(prompts, texts);
        assertEquals(groups.group(0), groups.group(1));
        assertFalse(groups.group(0) == groups.group(2));
        assertFalse(groups.group(2) == groups.group(3));
        assertFalse(PromptGroups.of(prompts, Map.of()).group(0)
                == PromptGroups.of(prompts, Map.of()).group(1));
    }
}
