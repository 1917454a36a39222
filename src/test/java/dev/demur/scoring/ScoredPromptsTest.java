package dev.demur.scoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.dataset.PromptHash;
import dev.demur.policy.Decision;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.PolicyException;
import dev.demur.policy.Reading;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.words.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
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

    @Test
    void some_rows_keep_all_that_is_known_of_them() {
        ScoreMeta meta = new ScoreMeta(
                "m",
                null,
                null,
                1,
                TwoCategories.LABELS,
                new ReadoutIdentity(Frame.KIND, "frame", Map.of()),
                "d",
                null,
                null,
                null);
        ScoredPrompts.Builder builder = ScoredPrompts.builder(meta);
        for (int row = 0; row < 3_000; row++) {
            builder.add(
                    "r" + row,
                    row % 2 == 0 ? "a" : null,
                    row % 3 == 0,
                    new double[] {0.2, 0.3, 0.5},
                    row % 2,
                    row == 5 ? null : PromptHash.of("prompt " + row % 2_000));
            builder.coverage(row / 10_000.0);
            if (row % 5 == 0) {
                builder.noteFitted();
            }
        }
        ScoredPrompts all = builder.build();
        int[] rows = {2_500, 5, 500, 10};
        ScoredPrompts some = all.only(rows);
        assertEquals(600, all.fitted());
        assertEquals(4, some.fitted());
        assertEquals(1, all.only(new int[] {1, 2, 3, 5}).fitted());
        assertEquals(1, some.repeated()); // 2,500 and 500 ask the same and should be answered
        assertEquals(meta, some.meta().orElseThrow());
        for (int i = 0; i < rows.length; i++) {
            assertEquals(all.id(rows[i]), some.id(i));
            assertEquals(all.label(rows[i]), some.label(i));
            assertEquals(all.shouldRefuse(rows[i]), some.shouldRefuse(i));
            assertEquals(all.coverage(rows[i]), some.coverage(i));
            assertEquals(all.promptHash(rows[i]), some.promptHash(i));
            assertEquals(all.leadingPromptHash(rows[i]), some.leadingPromptHash(i));
        }
        assertEquals(PromptHash.of("prompt 500"), some.promptHash(0).orElseThrow());
        assertEquals(PromptHash.leading("prompt 500"), some.leadingPromptHash(0));
        assertEquals(Optional.empty(), some.promptHash(1));
    }

    /** Random policies and rows with zeros, ties and rows for which the model chooses no label. */
    @ParameterizedTest
    @EnumSource(Rule.class)
    void stored_prompts_are_decided_as_readings_of_the_same_probabilities(Rule rule) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 40; run++) {
            double tau = random.nextBoolean() ? 1 : 2;
            ScoreMeta meta = new ScoreMeta(
                    "m",
                    null,
                    null,
                    tau,
                    PaperTokens.CATEGORIES.labels(),
                    PaperTokens.CATEGORIES.identity(),
                    "d",
                    null,
                    null,
                    null);
            ScoredPrompts.Builder builder = ScoredPrompts.builder(meta);
            List<Reading> readings = new ArrayList<>();
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
                int choice = random.nextBoolean() ? random.nextInt(6) : LabelNumbers.NO_LABEL;
                builder.add("r" + i, null, false, shares, choice);
                readings.add(Reading.ofProbabilities(PaperTokens.CATEGORIES.labels(), tau, shares, choice));
            }
            ScoredPrompts prompts = builder.build();
            RefusalPolicy policy = policy(random, rule, tau);
            Decisions decisions = prompts.decide(policy);
            for (int i = 0; i < readings.size(); i++) {
                String context = "seed " + seed + ": " + policy + " on " + readings.get(i);
                Decision decision = policy.decide(readings.get(i));
                assertEquals(label(decision), decisions.chosen(i), context);
                assertEquals(decision instanceof Decision.Refuse, decisions.refused(i), context);
                for (int c = 0; c < 5; c++) {
                    double score = policy.bind(PaperTokens.CATEGORIES.labels()).score(readings.get(i), c);
                    assertEquals(score, prompts.scores(policy, c, new int[] {i})[0], context);
                }
            }
        }
    }

    private static int label(Decision decision) {
        if (decision instanceof Decision.Refuse refuse) {
            return PaperTokens.CATEGORIES.labels().indexOf(refuse.category().id());
        }
        return decision instanceof Decision.Respond
                ? PaperTokens.CATEGORIES.labels().respondIndex()
                : LabelNumbers.NO_LABEL;
    }

    private static RefusalPolicy policy(Random random, Rule rule, double tau) {
        RefusalPolicy policy = PaperTokens.defaults(PaperTokens.CATEGORIES, rule)
                .withTemperature(tau)
                .withSumThreshold(random.nextDouble());
        for (int c = 0; c < 5; c++) {
            String id = PaperTokens.CATEGORIES.labels().categories().get(c).id();
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
            builder.add("r" + i, null, false, p, TwoCategories.RESPOND);
        }
        ScoredPrompts prompts = builder.build();
        RefusalPolicy policy = TwoCategories.defaults(rule);
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
                () -> prompts.requireFits(TwoCategories.defaults(Rule.THRESHOLD).withTemperature(2), "p.json"));
        assertEquals(
                "p.json: temperature: 2.0, but the prompts were scored with 1.0; score them again: PromptScorer"
                        + " with the temperature 2.0",
                e.getMessage());
        e = assertThrows(
                PolicyException.class,
                () -> prompts.requireFits(PaperTokens.defaults(PaperTokens.ONE_TOKEN, Rule.SUM), "p.json"));
        assertTrue(
                String.valueOf(e.getMessage()).startsWith("p.json: categories[0].id: \"refuse\" is not a category"),
                e.getMessage());
    }

    private static RefusalPolicy by(@Nullable ReadoutIdentity readout) {
        return RefusalPolicy.defaults(TwoCategories.LABELS, readout, Rule.THRESHOLD);
    }

    @Test
    void a_policy_for_another_kind_of_readout_is_refused_by_the_names_of_both() {
        ScoredPrompts prompts = new TwoCategories().answer(0.5, 0.1).build();
        RefusalPolicy head = by(new ReadoutIdentity("head", "c", Map.of()));
        String problem =
                ": readout: was made for the readout \"head\", and \"tokens\" is used, whose numbers mean something else"
                        + ": score and calibrate with that one";
        PolicyException e = assertThrows(PolicyException.class, () -> prompts.requireFits(head, "p.json"));
        assertEquals("p.json" + problem, e.getMessage());
        e = assertThrows(PolicyException.class, () -> prompts.requireReadout(head, "p.json"));
        assertEquals("p.json" + problem, e.getMessage());
        e = assertThrows(PolicyException.class, () -> prompts.decide(head));
        assertEquals("policy" + problem, e.getMessage());
        // Of prompts whose origin nothing tells that is not known, nor of a policy without a readout.
        ScoredPrompts.builder(TwoCategories.LABELS, 1)
                .add("x", null, false, new double[] {0, 0, 1}, TwoCategories.RESPOND)
                .build()
                .requireFits(head, "p.json");
        prompts.requireFits(by(null), "p.json");
        prompts.requireFits(by(new ReadoutIdentity("tokens", "another checksum", Map.of())), "p.json");
    }

    @Test
    void what_the_model_would_choose_may_be_unknown_where_nothing_is_left_to_it() {
        ScoredPrompts prompts = ScoredPrompts.builder(TwoCategories.META)
                .add("x", null, false, new double[] {0.75, 0, 0.25}, TwoCategories.RESPOND)
                .add("y", null, false, new double[] {0.75, 0, 0.25}, null)
                .build();
        RefusalPolicy policy = TwoCategories.defaults(Rule.TOP_CATEGORY);
        assertTrue(prompts.decide(policy).refused(1));
        PolicyException e =
                assertThrows(PolicyException.class, () -> prompts.requireFits(policy.withoutThreshold("b"), "p.json"));
        assertEquals(
                "p.json: rule: top-category leaves a category without a threshold to the model's own choice, which"
                        + " is not recorded here; score the prompts again: PromptScorer",
                e.getMessage());
    }

    @Test
    void rows_with_impossible_numbers_or_a_known_id_are_errors() {
        ScoredPrompts.Builder builder = ScoredPrompts.builder(TwoCategories.META);
        builder.add("x", null, false, new double[] {0, 0, 1}, TwoCategories.RESPOND);
        assertThrows(
                IllegalArgumentException.class,
                () -> builder.add("x", null, false, new double[] {0, 0, 1}, TwoCategories.RESPOND));
        assertThrows(
                IllegalArgumentException.class,
                () -> builder.add("y", null, false, new double[] {0, 1}, TwoCategories.RESPOND));
        assertThrows(
                IllegalArgumentException.class,
                () -> builder.add("z", null, false, new double[] {0, Double.NaN, 1}, TwoCategories.RESPOND));
        assertEquals(1, builder.build().size());
        assertThrows(IllegalArgumentException.class, () -> ScoredPrompts.builder(TwoCategories.LABELS, 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> new ScoreMeta(
                        "m",
                        null,
                        null,
                        Double.NaN,
                        TwoCategories.LABELS,
                        TwoCategories.TOKENS.identity(),
                        "d",
                        null,
                        null,
                        null));
    }
}
