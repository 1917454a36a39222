package dev.demur.calibration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.policy.Decision;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.PolicyException;
import dev.demur.policy.Readout;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScoredPromptsTest {

    private static final int[] NO_ROWS = {};

    @Test
    void rows_are_told_apart_by_kind_and_label() {
        ScoredPrompts prompts = new TwoCategories()
                .refuse("a", 0.5, 0.1)
                .answer(0.1, 0.1)
                .answer("a", 0.1, 0.1)
                .refuse("other", 0.1, 0.1)
                .refuse(null, 0.1, 0.1)
                .answer("b", 0.1, 0.1)
                .build();
        assertArrayEquals(new int[] {0, 3, 4}, prompts.shouldRefuse());
        assertArrayEquals(new int[] {1, 2, 5}, prompts.shouldAnswer());
        assertArrayEquals(new int[] {2, 5}, prompts.nearMisses());
        assertArrayEquals(new int[] {0}, prompts.shouldRefuse("a"));
        assertArrayEquals(new int[] {2}, prompts.nearMisses("a"));
        assertArrayEquals(NO_ROWS, prompts.shouldRefuse("b"));
        assertArrayEquals(NO_ROWS, prompts.nearMisses("unknown"));
    }

    /** Random policies and rows with zeros, ties and rows that no control token dominates. */
    @ParameterizedTest
    @EnumSource(Rule.class)
    void stored_prompts_are_decided_as_readouts_of_the_same_probabilities(Rule rule) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 40; run++) {
            double tau = random.nextBoolean() ? 1 : 2;
            ScoreMeta meta = new ScoreMeta("m", null, null, tau, PaperTokens.CATEGORIES, "d", null);
            ScoredPrompts.Builder builder = ScoredPrompts.builder(meta);
            List<Readout> readouts = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                double[] p = random.ints(7, 0, 5).mapToDouble(x -> x * x).toArray();
                double total = 1;
                for (double x : p) {
                    total += x;
                }
                double[] shares = new double[6];
                for (int c = 0; c < 6; c++) {
                    shares[c] = p[c] / total;
                }
                int argmax = random.nextBoolean() ? 100 + random.nextInt(6) : 7;
                builder.add("r" + i, null, false, shares, argmax);
                readouts.add(Readout.ofProbabilities(PaperTokens.CATEGORIES, tau, shares, argmax));
            }
            ScoredPrompts prompts = builder.build();
            RefusalPolicy policy = policy(random, rule, tau);
            Decisions decisions = prompts.decide(policy);
            for (int i = 0; i < readouts.size(); i++) {
                String context = "seed " + seed + ": " + policy + " on " + readouts.get(i);
                Decision decision = policy.decide(readouts.get(i));
                assertEquals(PaperTokens.CATEGORIES.indexOfToken(decision.token()), decisions.chosen(i), context);
                assertEquals(decision instanceof Decision.Refuse, decisions.refused(i), context);
                for (int c = 0; c < 5; c++) {
                    double score = policy.score(readouts.get(i), c);
                    assertEquals(score, prompts.scores(policy, c, new int[] {i})[0], context);
                }
            }
        }
    }

    private static RefusalPolicy policy(Random random, Rule rule, double tau) {
        RefusalPolicy policy = RefusalPolicy.defaults(PaperTokens.CATEGORIES, rule)
                .withTemperature(tau)
                .withSumThreshold(random.nextDouble());
        for (int c = 0; c < 5; c++) {
            String id = PaperTokens.CATEGORIES.categories().get(c).id();
            policy = policy.withThreshold(id, random.nextInt(5) / 10.0).withBias(id, random.nextGaussian());
            policy = random.nextInt(4) == 0 ? policy.withoutThreshold(id) : policy;
        }
        return policy;
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void what_is_decided_anew_does_not_depend_on_what_was_decided_before(Rule rule) {
        ScoredPrompts.Builder builder = ScoredPrompts.builder(TwoCategories.META);
        Random random = new Random(1);
        for (int i = 0; i < 1_000; i++) {
            double[] p = random.doubles(3, 0, 1 / 3.0).toArray();
            builder.add("r" + i, null, false, p, 12);
        }
        ScoredPrompts prompts = builder.build();
        RefusalPolicy policy = RefusalPolicy.defaults(TwoCategories.TOKENS, rule);
        RefusalPolicy stricter =
                policy.withThreshold("a", 0.1).withSumThreshold(0.1).withBias("a", 3);
        Decisions first = prompts.decide(policy);
        Decisions between = prompts.decide(stricter);
        Decisions again = prompts.decide(policy);
        for (int row = 0; row < prompts.size(); row++) {
            assertEquals(first.chosen(row), again.chosen(row), "row " + row);
        }
        assertTrue(between.refusals(prompts.shouldAnswer()) > first.refusals(prompts.shouldAnswer()));
    }

    @Test
    void a_policy_for_other_tokens_or_another_temperature_is_an_error_that_names_its_source() {
        ScoredPrompts prompts = new TwoCategories().answer(0.5, 0.1).build();
        PolicyException e = assertThrows(
                PolicyException.class,
                () -> prompts.requireFits(
                        RefusalPolicy.defaults(TwoCategories.TOKENS, Rule.THRESHOLD)
                                .withTemperature(2),
                        "p.json"));
        assertEquals(
                "p.json: temperature: 2.0, but the prompts were scored with 1.0; score them again: demur score --data"
                        + " FILE --out FILE --tau 2.0",
                e.getMessage());
        e = assertThrows(
                PolicyException.class,
                () -> prompts.requireFits(RefusalPolicy.defaults(PaperTokens.ONE_TOKEN, Rule.SUM), "p.json"));
        assertTrue(
                String.valueOf(e.getMessage()).startsWith("p.json: categories[0].id: \"refuse\" is not a category"),
                e.getMessage());
    }

    @Test
    void rows_with_impossible_numbers_or_a_known_id_are_errors() {
        ScoredPrompts.Builder builder = ScoredPrompts.builder(TwoCategories.META);
        builder.add("x", null, false, new double[] {0, 0, 1}, 12);
        assertThrows(IllegalArgumentException.class, () -> builder.add("x", null, false, new double[] {0, 0, 1}, 12));
        assertThrows(IllegalArgumentException.class, () -> builder.add("y", null, false, new double[] {0, 1}, 12));
        assertThrows(
                IllegalArgumentException.class,
                () -> builder.add("z", null, false, new double[] {0, Double.NaN, 1}, 12));
        assertEquals(1, builder.build().size());
        assertThrows(IllegalArgumentException.class, () -> ScoredPrompts.builder(TwoCategories.TOKENS, 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> new ScoreMeta("m", null, null, Double.NaN, TwoCategories.TOKENS, "d", null));
    }
}
