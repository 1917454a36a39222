package dev.demur.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.scoring.TwoCategories;
import dev.demur.statistics.ClopperPearson;
import dev.demur.statistics.numeric.ScoreCutoff;
import dev.demur.suites.Repetitions;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.Stream;
import org.hipparchus.distribution.discrete.BinomialDistribution;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The promise itself: of many calibrations as many break it as theory says, no more and no fewer.
 *
 * <p>A prompt of this source has a number U: with probability one half p_a = U and p_b = 0, else the other way round, and
 * p_respond = 1 - U. So the true rates of every policy are known.
 */
class PromiseTest {

    private static final int RUNS = Repetitions.of(500, 2_000);

    /** Of what must be found wrong. */
    private static final int WRONG_RUNS = 2_000;

    private static final int ROWS = 150;
    private static final double TARGET = 0.08;
    private static final double CONFIDENCE = 0.9;
    private static final int VALUES = 40;
    private static final long SEED = 20_260_101;

    /** A right program fails one such check in 150,000. */
    private static final double DEVIATIONS = 4.5;

    private static final Objective FALSE_REFUSAL = new Objective.FalseRefusal(TARGET, CONFIDENCE, false);
    private static final Objective NEAR_MISS = new Objective.FalseRefusal(TARGET, CONFIDENCE, true);
    private static final Objective REFUSAL = new Objective.Refusal(1 - TARGET, CONFIDENCE);

    /** Which rate a case is about. */
    private enum Scope {
        CATEGORY_A,
        JOINT
    }

    /** What is calibrated, and the rate that it promises. */
    private record Case(String name, CalibrationRequest request, Scope scope) {

        boolean refusal() {
            return request.objective() instanceof Objective.Refusal;
        }

        /** Enough of the rows count for the promise in every draw; the others must not matter. */
        ScoredPrompts draw(Random random, DoubleUnaryOperator number) {
            TwoCategories table = new TwoCategories();
            boolean nearMiss = request.objective() == NEAR_MISS;
            for (int i = 0; i < ROWS; i++) {
                double u = number.applyAsDouble(random.nextDouble());
                boolean a = random.nextBoolean();
                String label = refusal() || nearMiss ? "a" : null;
                table.add(label, refusal(), a ? u : 0, a ? 0 : u, 1 - u, TwoCategories.RESPOND);
                double other = random.nextDouble();
                if (nearMiss) {
                    table.answer(scope == Scope.CATEGORY_A ? "b" : null, other, 0);
                } else {
                    table.add("a", !refusal(), other, 0, 1 - other, TwoCategories.RESPOND);
                }
            }
            return table.build();
        }

        /** The true probability that the promise is about, of being on the wrong side. */
        double wrong(RefusalPolicy policy, DoubleUnaryOperator tail) {
            double refused = Scope.CATEGORY_A == scope
                    ? share(policy, "a", tail) / 2
                    : (share(policy, "a", tail) + share(policy, "b", tail)) / 2;
            return refusal() ? 1 - refused : refused;
        }

        /** Of the prompts of one half, those that this category refuses. */
        private double share(RefusalPolicy policy, String id, DoubleUnaryOperator tail) {
            CategoryPolicy category = policy.category(id).orElseThrow();
            Double threshold = policy.rule() == Rule.SUM ? policy.sumThreshold() : category.threshold();
            if (policy.rule() == Rule.LOGIT_BIAS) {
                Double bias = category.bias();
                assertNotNull(bias);
                return tail.applyAsDouble(1 / (1 + Math.exp(bias)));
            }
            return threshold == null ? 0 : tail.applyAsDouble(threshold);
        }

        RefusalPolicy calibrate(ScoredPrompts prompts) {
            CalibrationResult result = Calibrator.calibrate(prompts, request);
            assertNotNull(result.outcomes().get(0).bound(), name);
            return result.policy();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static RefusalPolicy start(Rule rule) {
        return TwoCategories.defaults(rule)
                .withThreshold("a", 0.3)
                .withThreshold("b", 0.6)
                .withBias("a", 0.3)
                .withBias("b", -0.2);
    }

    static Stream<Case> cases() {
        Stream.Builder<Case> cases = Stream.builder();
        for (Objective objective : List.of(FALSE_REFUSAL, NEAR_MISS, REFUSAL)) {
            String name = objective.id() + (objective == NEAR_MISS ? " of near misses" : "");
            for (Rule rule : Rule.values()) {
                CalibrationRequest request = CalibrationRequest.of(rule, objective);
                cases.add(new Case(
                        name + " by " + rule.id() + ", joint",
                        request.from(start(rule)).jointly(),
                        Scope.JOINT));
                if (objective != REFUSAL && SequentialBlocks.hasThresholds(rule)) {
                    cases.add(new Case(name + " by " + rule.id() + ", in blocks", request.jointly(), Scope.JOINT));
                }
                // Of U or 0 no threshold refuses 92 %, so the refusal rate of one category has a case of its own.
                if (rule != Rule.SUM && rule != Rule.LOGIT_BIAS && objective != REFUSAL) {
                    cases.add(new Case(name + " by " + rule.id() + ", of a", request, Scope.CATEGORY_A));
                }
            }
        }
        return cases.build();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void with_continuous_scores_the_promise_is_broken_as_often_as_the_binomial_law_says(Case given) {
        requireAgreement(given.name(), violations(given, RUNS, given::calibrate), RUNS);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void with_ties_the_promise_is_broken_at_most_as_often(Case given) {
        int violations = 0;
        Random random = new Random(SEED);
        for (int run = 0; run < RUNS; run++) {
            RefusalPolicy policy = given.calibrate(given.draw(random, PromiseTest::tied));
            violations += wrongOfTies(given, policy) > TARGET ? 1 : 0;
        }
        double most = RUNS * breakingRate() + DEVIATIONS * deviation(RUNS);
        assertTrue(violations <= most, given + ", seed " + SEED + ": " + violations + " of " + RUNS + " > " + most);
    }

    /** Equally likely values, none on a threshold of the start. */
    private static double tied(double u) {
        return (Math.floor(u * VALUES) + 0.5) / VALUES;
    }

    /** Every prompt that the source of ties can give, once. */
    private static final ScoredPrompts TIES = ties();

    private static ScoredPrompts ties() {
        TwoCategories table = new TwoCategories();
        for (int i = 0; i < VALUES; i++) {
            double u = (i + 0.5) / VALUES;
            table.answer(u, 0).answer(0, u);
        }
        return table.build();
    }

    /** The true rate, from the decisions on all of them. */
    private static double wrongOfTies(Case given, RefusalPolicy policy) {
        int refused = given.scope() == Scope.JOINT
                ? TIES.decide(policy).refusals(TIES.shouldAnswer())
                : TIES.reaching(policy, 0, TIES.shouldAnswer());
        double share = refused / (double) TIES.size();
        return given.refusal() ? 1 - share : share;
    }

    @Test
    void a_category_reaches_its_refusal_target_as_often_as_the_binomial_law_says() {
        CalibrationRequest request = CalibrationRequest.of(Rule.THRESHOLD, REFUSAL);
        Random random = new Random(SEED);
        int violations = 0;
        for (int run = 0; run < RUNS; run++) {
            TwoCategories table = new TwoCategories();
            for (int i = 0; i < ROWS; i++) {
                table.refuse("a", random.nextDouble(), 0).refuse("b", 0, random.nextDouble());
            }
            Double threshold = TwoCategories.threshold(
                    Calibrator.calibrate(table.build(), request).policy(), "a");
            assertNotNull(threshold);
            violations += threshold > TARGET ? 1 : 0; // RR_a = 1 - T
        }
        requireAgreement("refusal of a", violations, RUNS);
    }

    @Test
    void the_joint_bound_of_separate_promises_holds_with_its_confidence() {
        CalibrationRequest request = CalibrationRequest.of(Rule.THRESHOLD, FALSE_REFUSAL);
        Case given = new Case("separate", request, Scope.JOINT);
        Random random = new Random(SEED);
        int violations = 0;
        for (int run = 0; run < RUNS; run++) {
            CalibrationResult result = Calibrator.calibrate(given.draw(random, u -> u), request);
            Double bound = result.jointBound();
            assertNotNull(bound);
            violations += given.wrong(result.policy(), PromiseTest::uniformTail) > bound ? 1 : 0;
        }
        double most = RUNS * (1 - CONFIDENCE) + DEVIATIONS * Math.sqrt(RUNS * CONFIDENCE * (1 - CONFIDENCE));
        assertTrue(violations <= most, "seed " + SEED + ": " + violations + " of " + RUNS + " > " + most);
    }

    @Test
    void thresholds_chosen_in_blocks_by_what_both_categories_refuse_break_the_promise_as_often() {
        CalibrationRequest request =
                CalibrationRequest.of(Rule.RELATIVE, FALSE_REFUSAL).jointly();
        Case given = new Case("in blocks", CalibrationRequest.of(Rule.THRESHOLD, FALSE_REFUSAL), Scope.JOINT);
        Random random = new Random(SEED);
        int violations = 0;
        int apart = 0;
        for (int run = 0; run < RUNS; run++) {
            TwoCategories table = new TwoCategories();
            for (int i = 0; i < ROWS; i++) {
                double u = random.nextDouble();
                boolean a = random.nextBoolean();
                table.add(null, false, a ? u : 0, a ? 0 : u, 1 - u, TwoCategories.RESPOND);
                // Of b more is found near the top, but not in every draw.
                double refused = a ? random.nextDouble() : Math.max(random.nextDouble(), random.nextDouble());
                table.add("a", true, a ? refused : 0, a ? 0 : refused, 1 - refused, TwoCategories.RESPOND);
            }
            RefusalPolicy policy = Calibrator.calibrate(table.build(), request).policy();
            violations += given.wrong(policy, PromiseTest::uniformTail) > TARGET ? 1 : 0;
            Double a = TwoCategories.threshold(policy, "a");
            Double b = TwoCategories.threshold(policy, "b");
            apart += a != null && b != null && Math.abs(a - b) > 0.01 ? 1 : 0;
        }
        assertTrue(apart > RUNS / 5, apart + " of " + RUNS + " chose two places");
        requireAgreement("in blocks", violations, RUNS);
    }

    @Test
    void a_calibrator_that_looks_at_the_rows_that_are_left_would_be_caught() {
        Case given = cases().findFirst().orElseThrow();
        int violations = violations(given, WRONG_RUNS, prompts -> {
            double[] a = prompts.scores(start(Rule.THRESHOLD), 0, prompts.shouldAnswer());
            double[] b = prompts.scores(start(Rule.THRESHOLD), 1, prompts.shouldAnswer());
            int k = ClopperPearson.allowed(ROWS, TARGET, CONFIDENCE);
            int[] above = {0, 0};
            for (int step = 0; step <= k; step++) {
                // Whichever comes down further with the next row.
                double fallA = ScoreCutoff.above(a, above[0]) - ScoreCutoff.above(a, above[0] + 1);
                double fallB = ScoreCutoff.above(b, above[1]) - ScoreCutoff.above(b, above[1] + 1);
                above[fallA > fallB ? 0 : 1]++;
            }
            return start(Rule.THRESHOLD)
                    .withThreshold("a", ScoreCutoff.above(a, above[0]))
                    .withThreshold("b", ScoreCutoff.above(b, above[1]));
        });
        assertThrows(AssertionError.class, () -> requireAgreement("looks ahead", violations, WRONG_RUNS));
    }

    @Test
    void a_calibrator_that_could_never_refuse_would_be_caught() {
        Case given = cases().findFirst().orElseThrow();
        RefusalPolicy never = start(Rule.THRESHOLD).withoutThreshold("a").withoutThreshold("b");
        int violations = violations(given, WRONG_RUNS, prompts -> never);
        assertEquals(0, violations);
        assertThrows(AssertionError.class, () -> requireAgreement("never refuses", violations, WRONG_RUNS));
    }

    @Test
    void a_calibrator_that_takes_the_quantile_of_the_rows_at_hand_would_be_caught() {
        Case given = cases().findFirst().orElseThrow();
        int violations = violations(given, WRONG_RUNS, prompts -> {
            SharedShiftSweep sweep = new SharedShiftSweep(prompts, start(Rule.THRESHOLD), List.of("a", "b"));
            double boundary = ScoreCutoff.above(sweep.scores(prompts.shouldAnswer()), (int) (TARGET * ROWS));
            PolicySweep.Setting setting = sweep.refusingAbove(boundary);
            assertNotNull(setting);
            return setting.policy();
        });
        assertTrue(violations > WRONG_RUNS / 4, violations + " of " + WRONG_RUNS);
        assertThrows(AssertionError.class, () -> requireAgreement("naive", violations, WRONG_RUNS));
    }

    private static int violations(Case given, int runs, Function<ScoredPrompts, RefusalPolicy> calibrator) {
        Random random = new Random(SEED);
        int violations = 0;
        for (int run = 0; run < runs; run++) {
            RefusalPolicy policy = calibrator.apply(given.draw(random, u -> u));
            violations += given.wrong(policy, PromiseTest::uniformTail) > TARGET ? 1 : 0;
        }
        return violations;
    }

    private static double uniformTail(double threshold) {
        return 1 - threshold;
    }

    /** From both sides: a calibrator that is needlessly careful fails as one that is careless does. */
    private static void requireAgreement(@Nullable String name, int violations, int runs) {
        double expected = runs * breakingRate();
        double tolerance = DEVIATIONS * deviation(runs);
        assertTrue(
                Math.abs(violations - expected) <= tolerance,
                name + ", seed " + SEED + ": " + violations + " of " + runs + " broke the promise, not " + expected
                        + " ± " + tolerance);
    }

    /** P(Bin(n, A) &le; k). */
    private static double breakingRate() {
        int k = ClopperPearson.allowed(ROWS, TARGET, CONFIDENCE);
        BinomialDistribution law = new BinomialDistribution(ROWS, TARGET);
        double rate = law.cumulativeProbability(k);
        assertTrue(k > 0 && rate <= 1 - CONFIDENCE, k + " of " + ROWS + " are too many");
        assertTrue(law.cumulativeProbability(k + 1) > 1 - CONFIDENCE, k + " of " + ROWS + " are too few");
        return rate;
    }

    private static double deviation(int runs) {
        double rate = breakingRate();
        return Math.sqrt(runs * rate * (1 - rate));
    }
}
