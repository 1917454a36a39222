package dev.demur.calibration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.demur.DemurException;
import dev.demur.dataset.PromptHash;
import dev.demur.evaluation.Evaluation;
import dev.demur.evaluation.EvaluationOptions;
import dev.demur.policy.Calibration;
import dev.demur.policy.Calibrations;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.scoring.TwoCategories;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that ask the same, within a data set and between two. */
class RepeatedPromptsTest {

    private static final Objective HALF = new Objective.FalseRefusal(0.5, 0.7, false);

    private static ScoredPrompts.Builder row(
            ScoredPrompts.Builder builder, int id, String label, boolean refuse, String prompt) {
        Random random = new Random(prompt.hashCode());
        double a = random.nextDouble() / 2;
        double[] p = {a, a / 2, 0.2};
        return builder.add("row " + id, label, refuse, p, TwoCategories.RESPOND, PromptHash.of(prompt));
    }

    /** Prompts with these numbers, each to be answered. */
    private static ScoredPrompts prompts(IntStream numbers) {
        ScoredPrompts.Builder builder = ScoredPrompts.builder(TwoCategories.LABELS, 1);
        int[] id = {0};
        numbers.forEach(n -> row(builder, id[0]++, "a", false, "What is " + n + "?"));
        return builder.build();
    }

    private static JsonObject note(RefusalPolicy policy) {
        return Calibrations.json(policy);
    }

    @Test
    void one_prompt_under_seventy_ids_is_one_row_of_every_promise() {
        ScoredPrompts seventy = prompts(IntStream.generate(() -> 1).limit(70));
        assertEquals(70, seventy.size());
        assertEquals(1, seventy.shouldAnswer().length);
        assertEquals(69, seventy.repeated());
        CalibrationResult result = Calibrator.calibrate(
                seventy,
                CalibrationRequest.of(Rule.THRESHOLD, new Objective.FalseRefusal(0.05, 0.95, false))
                        .jointly());
        assertEquals(1, result.outcomes().get(0).rows());
        assertEquals(null, result.outcomes().get(0).bound());
        assertEquals(1, note(result.policy()).get("prompts").getAsInt());
        Evaluation evaluation = Evaluation.of(
                seventy, TwoCategories.defaults(Rule.THRESHOLD), EvaluationOptions.DEFAULTS.withNoise(0.1));
        assertEquals(1, evaluation.joint().falseRefusal().rows());
        assertEquals(1, evaluation.withinNoise().rows());
        assertEquals(
                1,
                evaluation.confusion().counts().stream()
                        .flatMap(counts -> counts.stream())
                        .mapToInt(Integer::intValue)
                        .sum());
    }

    @Test
    void a_prompt_counts_once_in_each_kind_of_rows_that_it_is_labelled_for() {
        ScoredPrompts.Builder builder = ScoredPrompts.builder(TwoCategories.LABELS, 1);
        row(builder, 0, null, false, "one");
        row(builder, 1, "a", false, "One.");
        row(builder, 2, "b", false, "ONE");
        row(builder, 3, "a", true, "one?");
        row(builder, 4, "a", true, "two");
        row(builder, 5, "a", true, "two");
        builder.add("unknown", "a", true, new double[] {0.1, 0.1, 0.1}, null);
        builder.add("unknown too", "a", true, new double[] {0.1, 0.1, 0.1}, null);
        ScoredPrompts prompts = builder.build();
        assertArrayEquals(new int[] {0}, prompts.shouldAnswer());
        assertArrayEquals(new int[] {1}, prompts.nearMisses());
        assertArrayEquals(new int[] {1}, prompts.nearMisses("a"));
        assertArrayEquals(new int[] {2}, prompts.nearMisses("b"));
        assertArrayEquals(new int[] {3, 4, 6, 7}, prompts.shouldRefuse());
        assertArrayEquals(new int[] {0, 3, 4, 6, 7}, prompts.distinct());
        assertEquals(3, prompts.repeated());
        assertEquals(1, prompts.contradictions());
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 5000})
    void shuffled_or_partial_rows_of_the_calibration_are_seen_and_others_are_not(int rows) {
        RefusalPolicy policy = Calibrator.calibrate(
                        prompts(IntStream.range(0, rows)), CalibrationRequest.of(Rule.THRESHOLD, HALF))
                .policy();
        int size = note(policy).get("promptSketch").getAsString().length();
        assertTrue(size <= 8192, size + " characters");
        ScoredPrompts other = prompts(IntStream.range(rows, 2 * rows));
        assertFalse(SharedPrompts.of(policy, other).any());
        assertTrue(SharedPrompts.of(policy, other).compared() > 100);
        assertFalse(Evaluation.of(other, policy, EvaluationOptions.DEFAULTS).calibratedOnTheseRows());
        ScoredPrompts turned = prompts(IntStream.range(0, rows).map(i -> rows - 1 - i));
        SharedPrompts all = SharedPrompts.of(policy, turned);
        assertFalse(all.sameFile());
        assertEquals(all.compared(), all.shared());
        assertEquals(Math.min(rows, 1024), all.shared());
        // a tenth of them among as many others
        ScoredPrompts part = prompts(
                IntStream.concat(IntStream.range(0, rows / 10), IntStream.range(3 * rows, 3 * rows + rows / 10)));
        SharedPrompts some = SharedPrompts.of(policy, part);
        double share = (double) some.shared() / some.compared();
        assertTrue(share > 0.3 && share < 0.7, share + " of " + some.compared());
        assertTrue(Evaluation.of(part, policy, EvaluationOptions.DEFAULTS).calibratedOnTheseRows());
        DemurException e = assertThrows(
                DemurException.class,
                () -> Calibrator.calibrate(
                        part,
                        CalibrationRequest.of(Rule.THRESHOLD, HALF).jointly().from(policy)));
        assertTrue(String.valueOf(e.getMessage()).contains("calibrated on these very prompts"), e.getMessage());
    }

    @Test
    void what_is_no_sketch_tells_nothing() {
        ScoredPrompts prompts = prompts(IntStream.range(0, 50));
        RefusalPolicy policy = Calibrator.calibrate(prompts, CalibrationRequest.of(Rule.THRESHOLD, HALF))
                .policy();
        for (String wrong : new String[] {"", "!", "AAAA", "AAAAAAAAAAA="}) {
            JsonObject note = note(policy);
            note.addProperty("promptSketch", wrong);
            assertEquals(
                    0,
                    SharedPrompts.of(policy.withCalibration(Calibration.parse(note.toString())), prompts)
                            .compared(),
                    wrong);
        }
    }
}
