package dev.demur.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.readout.DecisionTokens;
import dev.demur.suites.Repetitions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rules against {@link Float64Oracle} on random rows. The system property {@code demur.test.rows} sets the number of
 * small rows, of each larger size a thousandth of it; {@code demur.test.seed} repeats a run.
 */
class RandomRowsTest {

    private static final List<Rule> RULES = List.of(Rule.values());
    private static final int ROWS = Integer.getInteger("demur.test.rows", Repetitions.of(20_000, 100_000));
    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());

    @Test
    void decisions_on_small_rows_are_the_oracles() {
        Random random = new Random(SEED);
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < ROWS; i++) {
            RandomCase given = RandomCase.of(random, 8 + random.nextInt(57), rule(i));
            Decision decision = assertDecidesAsTheOracle(given);
            seen.merge(decision.rule().id() + " " + decision.kind() + " " + decision.forced(), 1, Integer::sum);
        }
        // Each rule can refuse and respond; top-category also leaves each of the three kinds to the model.
        assertEquals(15, seen.size(), () -> "seed " + SEED + " " + seen);
        assertTrue(seen.values().stream().allMatch(n -> n > ROWS / 1000), () -> "seed " + SEED + " " + seen);
    }

    @ParameterizedTest
    @ValueSource(ints = {1_024, 32_000, 128_256, 262_144})
    void decisions_on_large_rows_are_the_oracles(int vocabulary) {
        Random random = new Random(SEED + vocabulary);
        for (int i = 0; i < Math.max(5, ROWS / 1000); i++) {
            assertDecidesAsTheOracle(RandomCase.of(random, vocabulary, rule(i)));
        }
    }

    @Test
    void a_row_with_nan_or_infinity_is_never_decided() {
        Random random = new Random(SEED);
        float[] bad = {Float.NaN, Float.POSITIVE_INFINITY};
        for (int i = 0; i < ROWS / 100; i++) {
            RandomCase given = RandomCase.of(random, 8 + random.nextInt(57), rule(i));
            DecisionTokens tokens = given.tokens();
            int at = random.nextInt(tokens.labels().count());
            double[] logits = new double[tokens.labels().count()];
            logits[at] = bad[i % 2];
            given.row()[tokens.token(at)] = bad[i % 2];

            String label = "logit of \"" + tokens.labels().id(at) + "\" is " + bad[i % 2];
            assertNames(label, () -> Reading.of(tokens.labels(), 1, new double[logits.length], logits, 0, 0));
            String named = "token " + tokens.token(at) + " is " + bad[i % 2];
            assertNames(named, () -> Float64Oracle.decide(given.row(), tokens, given.policy()));
        }
    }

    @Test
    void a_row_of_nothing_but_negative_infinity_is_never_decided() {
        float[] row = new float[300];
        Arrays.fill(row, Float.NEGATIVE_INFINITY);
        RefusalPolicy policy = PaperTokens.defaults(PaperTokens.CATEGORIES, Rule.THRESHOLD);
        assertNames("All logits", () -> Float64Oracle.decide(row, PaperTokens.CATEGORIES, policy));
    }

    @Test
    void the_oracle_knows_the_softmax() {
        float[] four = {0, Float.NEGATIVE_INFINITY, 0, 0, 0, Float.NEGATIVE_INFINITY};
        double[] quarters = Float64Oracle.probabilities(four, new int[] {0, 1, 4}, 3);
        assertEquals(0.25, quarters[0]);
        assertEquals(0, quarters[1]);
        assertEquals(0.25, quarters[2]);
        // 1 / (1 + 2 e^-2), at tau 1 and, with doubled logits, at tau 2.
        assertEquals(
                0.7869860421615985, Float64Oracle.probabilities(new float[] {2, 0, 0}, new int[] {0}, 1)[0], 1e-15);
        assertEquals(
                0.7869860421615985, Float64Oracle.probabilities(new float[] {4, 0, 0}, new int[] {0}, 2)[0], 1e-15);
    }

    private static Decision assertDecidesAsTheOracle(RandomCase given) {
        Reading readout = Float64Oracle.readout(
                given.row(), given.tokens(), given.policy().temperature());
        Decision decision = given.policy().decide(readout);
        assertEquals(
                Float64Oracle.decide(given.row(), given.tokens(), given.policy()),
                Float64Oracle.Outcome.of(decision),
                () -> "seed " + SEED + ", " + given);
        Rules rules = given.policy().bind(given.tokens().labels());
        assertTrue(rules.isCertain(readout), () -> "an exact readout is certain, seed " + SEED);
        return decision;
    }

    private static void assertNames(String what, Executable call) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, call).getMessage());
        assertTrue(message.contains(what), () -> message + ", seed " + SEED);
    }

    private static Rule rule(int i) {
        return RULES.get(i % RULES.size());
    }
}
