package dev.demur.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LazyChoiceTest {

    private static final int ROWS = 20_000;

    @ParameterizedTest
    @EnumSource(Rule.class)
    void what_is_chosen_from_bounds_is_what_the_numbers_decide(Rule rule) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int[] decided = new int[3];
        for (int i = 0; i < ROWS; i++) {
            RandomCase given = RandomCase.of(random, 8 + random.nextInt(57), rule);
            ControlTokens tokens = given.tokens();
            if (random.nextBoolean()) {
                for (int t = 0; t <= tokens.respondIndex(); t++) {
                    given.row()[tokens.token(t)] = 8 + 4 * random.nextFloat();
                }
            }
            Readout exact =
                    Float64Oracle.readout(given.row(), tokens, given.policy().temperature());
            int expected = given.policy().bind(tokens).choose(exact);
            String context = "seed " + seed + ", case " + i + ": " + given;
            LazyChoice lazy = new LazyChoice(given.policy(), tokens);
            int first = lazy.begin(logits(exact));
            if (first != LazyChoice.UNDECIDED) {
                assertEquals(expected, first, context);
                decided[0]++;
            } else if (lazy.boundsHelp()) {
                double sum = sum(exact);
                int second = lazy.within(
                        Math.max(1, sum * (1 - 0.3 * random.nextDouble())), sum * (1 + 0.3 * random.nextDouble()));
                decided[second == LazyChoice.UNDECIDED ? 2 : 1]++;
                assertTrue(second == LazyChoice.UNDECIDED || second == expected, context);
            }
        }
        if (rule == Rule.RELATIVE || rule == Rule.LOGIT_BIAS) {
            assertEquals(ROWS, decided[0], "seed " + seed);
        } else {
            assertTrue(decided[0] > ROWS / 4, decided[0] + " by logits, seed " + seed);
            assertTrue(decided[1] > ROWS / 100, decided[1] + " by bounds, seed " + seed);
            assertTrue(decided[2] > ROWS / 100, decided[2] + " by neither, seed " + seed);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"THRESHOLD", "TOP_CATEGORY", "SUM"})
    void beyond_the_sum_that_is_enough_nothing_refuses_and_short_of_it_something_does(Rule rule) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int seen = 0;
        for (int i = 0; i < ROWS; i++) {
            RandomCase given = RandomCase.of(random, 8 + random.nextInt(57), rule);
            LazyChoice lazy = new LazyChoice(given.policy(), given.tokens());
            Readout exact = Float64Oracle.readout(
                    given.row(), given.tokens(), given.policy().temperature());
            lazy.begin(logits(exact));
            if (lazy.boundsHelp() && lazy.enough() > 1.1 && lazy.enough() < 1e100) {
                seen++;
                String context = "seed " + seed + ", case " + i + ": " + given;
                double over = lazy.enough() * (1 + 1e-15);
                int respond = given.tokens().respondIndex();
                assertEquals(respond, lazy.within(over, Double.POSITIVE_INFINITY), context);
                double under = lazy.enough() * (1 - 1e-7);
                assertTrue(lazy.within(under, under) != respond, context);
            }
        }
        assertTrue(seen > ROWS / 100, seen + " rows, seed " + seed);
    }

    @Test
    void bounds_do_not_help_where_the_argmax_would_stand_or_nothing_is_likely() {
        double[] none = new double[6];
        java.util.Arrays.fill(none, Double.NEGATIVE_INFINITY);
        RefusalPolicy half = RefusalPolicy.defaults(PaperTokens.CATEGORIES, Rule.THRESHOLD);
        LazyChoice lazy = new LazyChoice(half, PaperTokens.CATEGORIES);
        assertEquals(LazyChoice.UNDECIDED, lazy.begin(none));
        assertEquals(false, lazy.boundsHelp());
        lazy = new LazyChoice(half.withThreshold("safety", 1e-300), PaperTokens.CATEGORIES);
        assertEquals(LazyChoice.UNDECIDED, lazy.begin(new double[] {0, 0, 0, 0, 0, 9}));
        assertEquals(false, lazy.boundsHelp());
        lazy = new LazyChoice(half.withRule(Rule.TOP_CATEGORY).withoutThreshold("safety"), PaperTokens.CATEGORIES);
        assertEquals(LazyChoice.UNDECIDED, lazy.begin(new double[] {0, 0, 0, 1, 0, 9}));
        assertEquals(false, lazy.boundsHelp());
        assertEquals(5, lazy.begin(new double[] {2, 0, 0, 1, 0, 9}));
    }

    @Test
    void other_numbers_of_logits_and_policies_of_other_models_are_refused() {
        RefusalPolicy policy = RefusalPolicy.defaults(PaperTokens.CATEGORIES, Rule.THRESHOLD);
        LazyChoice lazy = new LazyChoice(policy, PaperTokens.CATEGORIES);
        assertThrows(IllegalArgumentException.class, () -> lazy.begin(new double[5]));
        assertThrows(PolicyException.class, () -> new LazyChoice(policy, PaperTokens.ONE_TOKEN));
    }

    private static double[] logits(Readout readout) {
        double[] logits = new double[readout.tokens().respondIndex() + 1];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = readout.logit(i);
        }
        return logits;
    }

    /** Of exp((z - r) / tau) over the row, r the largest logit of a control token. */
    private static double sum(Readout readout) {
        int top = 0;
        for (int i = 1; i <= readout.tokens().respondIndex(); i++) {
            top = readout.logit(i) > readout.logit(top) ? i : top;
        }
        return 1 / readout.probability(top);
    }
}
