package dev.demur.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a kernel with a relative error may decide by itself. */
class CertaintyTest {

    private static final int ROWS = 40_000;
    private static final double[] ERRORS = {1e-16, 1e-12, 1e-7, 1e-3, 0.3, 0.99};

    @ParameterizedTest
    @EnumSource
    void a_certain_decision_is_the_one_on_exact_numbers(Rule rule) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int certain = 0;
        int wouldFlip = 0;
        for (int i = 0; i < ROWS; i++) {
            RandomCase given = RandomCase.of(random, 8 + random.nextInt(57), rule);
            Reading exact = Float64Oracle.readout(
                    given.row(), given.tokens(), given.policy().temperature());
            double error = ERRORS[random.nextInt(ERRORS.length)];
            RefusalPolicy policy = withThresholdsNearby(given.policy(), exact, error, random);
            Reading inexact = perturbed(exact, error, random);
            boolean same = Float64Oracle.Outcome.of(policy.decide(exact))
                    .equals(Float64Oracle.Outcome.of(policy.decide(inexact)));
            if (isCertain(policy, inexact)) {
                certain++;
                assertTrue(same, () -> "seed " + seed + ": " + policy + " on " + exact + " and " + inexact);
            } else {
                wouldFlip += same ? 0 : 1;
            }
        }
        boolean fromLogitsAlone = rule == Rule.RELATIVE || rule == Rule.LOGIT_BIAS;
        assertEquals(fromLogitsAlone, certain == ROWS, "seed " + seed);
        assertTrue(certain > ROWS / 10, certain + " certain, seed " + seed);
        assertTrue(fromLogitsAlone || wouldFlip > ROWS / 200, wouldFlip + " would have flipped, seed " + seed);
    }

    @ParameterizedTest(name = "{0} with error {1} against {2}: {3}")
    @CsvSource({
        "0.50,  0.01, 0.50,  false",
        "0.50,  0.01, 0.504, false",
        "0.50,  0.01, 0.496, false",
        "0.50,  0.01, 0.506, true",
        "0.50,  0.01, 0.494, true",
        "0.50,  0,    0.50,  true",
        "0.00,  0.01, 0,     true",
        "0.00,  0.01, 1e-300, true",
        "0.999, 0.01, 1,     false",
        "0.00,  1,    1e-300, false",
        "0.50,  1,    0,     true",
        "0.50,  Infinity, 0.9, false",
        "0.00,  Infinity, 0.9, false",
    })
    void only_a_threshold_within_the_error_is_uncertain(double p, double error, double threshold, boolean certain) {
        double[] probabilities = {0, 0, 0, p, 0, 0};
        double[] logits = {-9, -9, -9, 1, -9, 0};
        Reading readout = Reading.of(PaperTokens.CATEGORIES.labels(), 1, probabilities, logits, 3, error);
        for (Rule rule : new Rule[] {Rule.THRESHOLD, Rule.TOP_CATEGORY}) {
            RefusalPolicy policy = noThresholds(rule).withThreshold("safety", threshold);
            assertEquals(certain, isCertain(policy, readout), rule.id());
        }
    }

    @Test
    void top_category_asks_for_the_top_threshold_only() {
        double[] probabilities = {0, 0, 0, 0.6, 0.2, 0.1};
        Reading readout = Reading.of(
                PaperTokens.CATEGORIES.labels(), 1, probabilities, new double[] {-9, -9, -9, 2, 1, 0}, 3, 0.01);
        RefusalPolicy policy = noThresholds(Rule.TOP_CATEGORY)
                .withThreshold("safety", 0.5)
                .withThreshold("unsupported", 0.2)
                .withThreshold("humanizing", 0);
        assertTrue(isCertain(policy, readout));
        assertFalse(isCertain(policy.withRule(Rule.THRESHOLD), readout));
        assertFalse(isCertain(policy.withThreshold("safety", 0.6), readout));
    }

    @Test
    void a_sum_carries_the_errors_of_all_its_terms() {
        double[] probabilities = {0.1, 0.1, 0.1, 0.1, 0.1, 0.5};
        double[] logits = {0, 0, 0, 0, 0, 2};
        Reading readout = Reading.of(PaperTokens.CATEGORIES.labels(), 1, probabilities, logits, 5, 0.01);
        assertFalse(isCertain(noThresholds(Rule.SUM).withSumThreshold(0.504), readout));
        assertTrue(isCertain(noThresholds(Rule.SUM).withSumThreshold(0.506), readout));
        assertTrue(isCertain(noThresholds(Rule.SUM).withThreshold("safety", 0.1), readout));
    }

    private static boolean isCertain(RefusalPolicy policy, Reading reading) {
        return policy.bind(reading.labels()).isCertain(reading);
    }

    private static RefusalPolicy noThresholds(Rule rule) {
        RefusalPolicy policy =
                PaperTokens.defaults(PaperTokens.CATEGORIES, rule).withSumThreshold(null);
        for (CategoryPolicy category : policy.categories()) {
            policy = policy.withoutThreshold(category.id());
        }
        return policy;
    }

    /** Half of the thresholds move to where the error decides. */
    private static RefusalPolicy withThresholdsNearby(
            RefusalPolicy policy, Reading exact, double error, Random random) {
        RefusalPolicy nearby = policy;
        double sum = 0;
        for (int c = 0; c < exact.labels().respondIndex(); c++) {
            sum += exact.probability(c);
            String id = exact.labels().categories().get(c).id();
            if (policy.category(id).isPresent() && random.nextBoolean()) {
                double score = policy.rule() == Rule.REFIT
                        ? policy.bind(exact.labels()).score(exact, c)
                        : exact.probability(c);
                nearby = nearby.withThreshold(id, near(score, error, random));
            }
        }
        return random.nextBoolean() ? nearby.withSumThreshold(near(sum, error, random)) : nearby;
    }

    private static double near(double p, double error, Random random) {
        return Math.max(0, Math.min(1, p * (1 + error * 2 * (random.nextDouble() * 2 - 1))));
    }

    /** Probabilities off by up to the error, often by all of it. */
    private static Reading perturbed(Reading exact, double error, Random random) {
        int count = exact.labels().count();
        double[] p = new double[count];
        double[] z = new double[count];
        for (int i = 0; i < count; i++) {
            double share = random.nextBoolean() ? random.nextDouble() * 2 - 1 : random.nextBoolean() ? 1 : -1;
            p[i] = exact.probability(i) * (1 + share * error);
            z[i] = exact.logit(i);
        }
        return Reading.of(exact.labels(), exact.temperature(), p, z, exact.choice(), error);
    }
}
