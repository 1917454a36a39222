package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.calibration.CalibrationRequest;
import dev.demur.calibration.Calibrator;
import dev.demur.calibration.Objective;
import dev.demur.cli.report.Percent;
import dev.demur.dataset.PromptHash;
import dev.demur.policy.Calibrations;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CalibrateCommandTest {

    private static final String[] FIVE_PERCENT = {"--target-false-refusal", "0.05", "--per-category"};

    @TempDir
    Path folder;

    private Path scores;
    private Path out;

    @BeforeEach
    void score() throws IOException {
        scores = SyntheticScores.write(folder.resolve("s.jsonl"), 900, 5);
        out = folder.resolve("policy.json");
    }

    private CommandRun calibrate(String... options) {
        List<String> args =
                new ArrayList<>(List.of("calibrate", "--scores", scores.toString(), "--out", out.toString()));
        args.addAll(List.of(options));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private ScoredPrompts prompts() {
        return ScoreFile.read(scores, null, warning -> {
            throw new AssertionError(warning);
        });
    }

    private RefusalPolicy written(CommandRun run) {
        assertEquals(0, run.status(), run.err());
        return PolicyFile.read(out);
    }

    private static String[] with(String[] options, String... more) {
        return Stream.of(options, more).flatMap(Stream::of).toArray(String[]::new);
    }

    @ParameterizedTest
    @EnumSource(value = Rule.class, mode = EnumSource.Mode.EXCLUDE, names = "REFIT") // which needs a map
    void the_policy_that_is_written_is_the_one_that_the_library_calibrates(Rule rule) {
        RefusalPolicy policy = written(calibrate(with(FIVE_PERCENT, "--rule", rule.id())));
        RefusalPolicy expected = Calibrator.calibrate(
                        prompts(), CalibrationRequest.of(rule, new Objective.FalseRefusal(0.05, 0.95, false)))
                .policy();
        assertEquals(PolicyFile.write(expected), PolicyFile.write(policy));
    }

    @Test
    void a_person_is_told_thresholds_counts_bounds_and_that_promises_are_separate() {
        CommandRun run = calibrate(FIVE_PERCENT);
        written(run);
        assertEquals("", run.err());
        for (String part : List.of(
                "900 rows: 600 should-answer (300 near misses), 300 should-refuse",
                "Rule threshold",
                "category       threshold    n   k   promised FRR",
                "at most 4.9 %",
                "The promises are",
                "Together they promise",
                "Wrote " + out)) {
            assertTrue(run.out().contains(part), part + " in " + run.out());
        }
        run.out()
                .lines()
                .filter(line -> !line.contains(folder.toString()))
                .forEach(line -> assertTrue(line.length() <= 80, line));
    }

    /** A promise that costs nothing is worth nothing, which a person is told. */
    @Test
    void a_policy_that_refuses_nothing_is_said_to() throws IOException {
        assertFalse(told(calibrate(FIVE_PERCENT)).contains("So it refuses nothing"));
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            boolean refuse = i % 5 == 0;
            double safety = refuse ? 0.1 : 0.9;
            lines.add("{\"id\":\"" + i + "\",\"category\":\"" + (refuse ? "safety" : "none") + "\",\"expected\":\""
                    + (refuse ? "refuse" : "respond") + "\",\"probabilities\":{\"humanizing\":0,\"incomplete\":0,"
                    + "\"indeterminate\":0,\"safety\":" + safety + ",\"unsupported\":0,\"respond\":" + (1 - safety)
                    + "},\"coverage\":1,\"choice\":null}");
        }
        Files.write(scores, lines);
        assertTrue(told(calibrate("--target-false-refusal", "0.05"))
                .contains("So it refuses nothing, by which every such promise is kept"));
    }

    private static String told(CommandRun run) {
        assertEquals(0, run.status(), run.err());
        return run.out().replaceAll("\\s+", " ");
    }

    @Test
    void a_refit_writes_a_policy_with_a_map_and_says_what_it_is_worth() {
        CommandRun run = calibrate("--target-false-refusal", "0.05", "--refit");
        RefusalPolicy policy = written(run);
        assertEquals(Rule.REFIT, policy.rule());
        assertNotNull(policy.map());
        String text = run.out().replaceAll("\\s+", " ");
        assertTrue(text.contains("The map was fitted on 500 of these prompts"), text);
        assertTrue(text.contains("By maps that did not see them (5 folds), AUC is 0."), text);
        CommandRun eval = CommandRun.of("eval", "--scores", scores.toString(), "--policy", out.toString());
        assertEquals(0, eval.status(), eval.err());
        assertTrue(eval.out().contains("RR at 5 % FRR, %"), eval.out());
    }

    @Test
    void a_refit_goes_with_no_other_rule_and_its_rule_with_nothing_but_a_map() {
        assertEquals(2, calibrate("--max-f1", "--refit", "--rule", "sum").status());
        CommandRun alone = calibrate("--max-f1", "--rule", "refit");
        assertEquals(2, alone.status());
        assertTrue(alone.err().contains("add --refit"), alone.err());
        assertEquals(
                2, calibrate("--max-f1", "--data", "examples/prompts.jsonl").status());
    }

    @Test
    void a_program_gets_the_policy_as_it_was_written() throws IOException {
        CommandRun run = calibrate(with(FIVE_PERCENT, "--json"));
        assertEquals(0, run.status(), run.err());
        assertEquals(Files.readString(out), run.out());
    }

    @Test
    void confidence_near_misses_and_a_joint_shift_reach_the_calibration() {
        RefusalPolicy policy =
                written(calibrate("--target-false-refusal", "0.2", "--confidence", "0.9", "--near-miss", "--joint"));
        JsonObject note = Calibrations.json(policy);
        assertEquals(0.2, note.get("target").getAsDouble());
        assertEquals(0.9, note.get("confidence").getAsDouble());
        assertTrue(note.get("nearMissesOnly").getAsBoolean());
        assertTrue(note.get("joint").getAsBoolean());
        assertEquals(
                300,
                note.getAsJsonArray("outcomes")
                        .get(0)
                        .getAsJsonObject()
                        .get("n")
                        .getAsInt());
    }

    @Test
    void a_target_for_the_refusal_rate_and_the_largest_f1_are_other_objectives() {
        RefusalPolicy refusal = written(calibrate("--target-refusal", "0.8"));
        assertEquals("refusal", refusal.calibration().objective());
        CommandRun run = calibrate("--max-f1", "--near-miss");
        RefusalPolicy f1 = written(run);
        assertEquals("max-f1", f1.calibration().objective());
        assertTrue(f1.calibration().nearMissesOnly());
        assertTrue(run.out().contains("Promises nothing: F1 is the largest on these very rows."), run.out());
    }

    @Test
    void only_the_named_categories_are_calibrated_and_the_policy_to_start_from_keeps_the_rest() throws IOException {
        RefusalPolicy start = RefusalPolicy.defaults(
                        prompts().labels(), prompts().readout(), Rule.RELATIVE)
                .withThreshold("incomplete", 0.125)
                .withReply("safety", "No.");
        Path file = Files.writeString(folder.resolve("start.json"), PolicyFile.write(start));
        RefusalPolicy policy = written(
                calibrate(with(FIVE_PERCENT, "--policy", file.toString(), "--categories", "safety, unsupported")));
        assertEquals(Rule.RELATIVE, policy.rule());
        assertEquals(0.125, policy.category("incomplete").orElseThrow().threshold());
        assertEquals("No.", policy.category("safety").orElseThrow().reply());
        assertFalse(Double.valueOf(0.5)
                .equals(policy.category("safety").orElseThrow().threshold()));

        RefusalPolicy alone = written(calibrate(with(FIVE_PERCENT, "--categories", "safety")));
        assertNull(alone.category("incomplete").orElseThrow().threshold());
    }

    @Test
    void a_category_with_too_few_rows_is_named_in_a_warning_and_loses_its_threshold_or_keeps_it() {
        String[] options = {"--target-false-refusal", "0.05", "--near-miss", "--per-category"};
        CommandRun run = calibrate(options);
        RefusalPolicy policy = written(run);
        int lost = 0;
        for (String line : run.errLines()) {
            assertTrue(
                    line.matches("demur: warning: \\w+: too few rows: has \\d+ near misses, needs 59; the threshold"
                            + " is removed, so that it never refuses"),
                    line);
            String id = line.split(": ")[2];
            assertNull(policy.category(id).orElseThrow().threshold());
            lost++;
        }
        assertTrue(lost > 0 && lost < 5, run.err());

        CommandRun kept = calibrate(with(options, "--keep-unpromised"));
        RefusalPolicy keeping = written(kept);
        assertEquals(lost, kept.errLines().size());
        for (String line : kept.errLines()) {
            assertEquals(
                    0.5, keeping.category(line.split(": ")[2]).orElseThrow().threshold());
        }
    }

    @Test
    void where_nothing_at_all_can_be_promised_no_policy_is_written_unless_it_is_asked_for() {
        String[] options = {"--target-false-refusal", "0.0001"};
        CommandRun run = calibrate(options);
        assertAll(
                () -> assertEquals(1, run.status()),
                () -> assertEquals("", run.out()),
                () -> assertEquals(1, run.errLines().size(), run.err()),
                () -> assertTrue(run.err().contains("nothing can be promised, so no policy is written"), run.err()),
                () -> assertEquals(
                        2, run.err().split("has 600 should-answer prompts, needs 29956", -1).length, run.err()),
                () -> assertFalse(Files.exists(out)));
        assertEquals(
                0.5,
                written(calibrate(with(options, "--keep-unpromised")))
                        .category("safety")
                        .orElseThrow()
                        .threshold());
    }

    @Test
    void a_policy_is_replaced_and_any_other_file_is_not() throws IOException {
        written(calibrate(FIVE_PERCENT));
        String before = Files.readString(out);
        written(calibrate("--target-false-refusal", "0.2"));
        assertFalse(before.equals(Files.readString(out)));

        out = Files.writeString(folder.resolve("notes.txt"), "milk, eggs");
        CommandRun run = calibrate(FIVE_PERCENT);
        assertEquals(1, run.status());
        assertTrue(run.err().contains("notes.txt: is there already and is no policy"), run.err());
        assertEquals("milk, eggs", Files.readString(out));
    }

    @Test
    void the_scores_are_never_replaced() throws IOException {
        byte[] before = Files.readAllBytes(scores);
        out = scores;
        assertEquals(2, calibrate(FIVE_PERCENT).status());
        out = ScoreMeta.beside(scores);
        assertEquals(2, calibrate(FIVE_PERCENT).status());
        assertArrayEquals(before, Files.readAllBytes(scores));
    }

    @Test
    void a_policy_that_cannot_be_written_leaves_nothing_behind() throws IOException {
        out = folder.resolve("no-such-folder").resolve("policy.json");
        assertEquals(1, calibrate(FIVE_PERCENT).status());
        out = Files.createDirectory(folder.resolve("folder"));
        assertEquals(1, calibrate(FIVE_PERCENT).status());
        // A folder where the unfinished file would be: writing fails after all checks.
        out = folder.resolve("p.json");
        Files.createDirectories(folder.resolve("p.json.part").resolve("full"));
        CommandRun run = calibrate(FIVE_PERCENT);
        assertEquals(1, run.status());
        assertEquals(1, run.errLines().size(), run.err());
        assertTrue(run.err().contains("p.json: cannot be written"), run.err());
        assertFalse(Files.exists(out));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "| the objective is missing",
                "--target-false-refusal 0.05 --max-f1 | exclude each other",
                "--target-false-refusal 0.05 --target-refusal 0.9 | exclude each other",
                "--target-false-refusal 5 | it must be a number above 0 and below 1, as 0.05 for 5 %",
                "--target-false-refusal 0 | it must be a number above 0 and below 1",
                "--target-refusal 1 | it must be a number above 0 and below 1",
                "--target-refusal 0.9 --near-miss | --near-miss has no effect on --target-refusal",
                "--max-f1 --confidence 0.9 | --confidence has no effect on --max-f1",
                "--max-f1 --rule best | --rule is 'best': it must be one of threshold",
                "--max-f1 --categories safety,,incomplete | it must be ids separated by commas",
                "--max-f1 --categories safety,safety | names 'safety' twice",
                "--max-f1 --categories weather | which is no category of the scored model: it has humanizing",
                "--max-f1 --rule sum --categories safety | does not go with the rule sum",
            })
    void wrong_options_are_one_line_and_status_2(String options, String says) {
        CommandRun run = calibrate(options == null ? new String[0] : options.split(" "));
        assertAll(
                () -> assertEquals(2, run.status(), run.err()),
                () -> assertEquals(1, run.errLines().size(), run.err()),
                () -> assertTrue(run.err().contains(says), run.err()),
                () -> assertTrue(run.err().endsWith("(see demur calibrate --help)\n"), run.err()),
                () -> assertFalse(Files.exists(out)));
    }

    @Test
    void scores_and_out_are_required() {
        assertTrue(CommandRun.of("calibrate", "--max-f1").err().contains("--scores is missing: --scores FILE"));
        CommandRun run = CommandRun.of("calibrate", "--max-f1", "--scores", scores.toString());
        assertEquals(2, run.status());
        assertTrue(run.err().contains("--out is missing"), run.err());
    }

    @Test
    void scores_without_rows_of_the_kind_that_is_counted_are_a_failure_that_says_which() throws IOException {
        List<String> lines = Files.readAllLines(scores);
        Files.write(
                scores,
                lines.stream().filter(line -> line.contains("\"refuse\",")).toList());
        assertFailure("s.jsonl: has no should-answer rows", FIVE_PERCENT);
        assertFailure("s.jsonl: has no should-answer rows", "--max-f1");
        Files.write(
                scores,
                lines.stream().filter(line -> line.contains("\"respond\",")).toList());
        assertFailure("s.jsonl: has no should-refuse rows", "--target-refusal", "0.9");
        assertFailure("s.jsonl: has no should-refuse rows", "--max-f1");
        Files.write(
                scores,
                lines.stream().filter(line -> line.contains("\"none\",")).toList());
        assertFailure("s.jsonl: has no near-miss rows", with(FIVE_PERCENT, "--near-miss"));
        Files.write(scores, List.of());
        assertFailure("s.jsonl: has no rows", FIVE_PERCENT);
        Files.delete(scores);
        assertFailure("s.jsonl: there is no such score file", FIVE_PERCENT);
    }

    @Test
    void a_policy_to_start_from_that_is_missing_or_for_another_temperature_is_a_failure() throws IOException {
        assertFailure("none.json: there is no such policy file", with(FIVE_PERCENT, "--policy", "none.json"));
        RefusalPolicy warmer = RefusalPolicy.defaults(
                        prompts().labels(), prompts().readout(), Rule.THRESHOLD)
                .withTemperature(2);
        Path file = Files.writeString(folder.resolve("warmer.json"), PolicyFile.write(warmer));
        assertFailure("score them again", with(FIVE_PERCENT, "--policy", file.toString()));
    }

    @Test
    void without_a_meta_file_a_policy_must_name_the_tokens_and_one_warning_says_what_is_not_known() throws IOException {
        RefusalPolicy start =
                RefusalPolicy.defaults(prompts().labels(), prompts().readout(), Rule.THRESHOLD);
        Path file = Files.writeString(folder.resolve("start.json"), PolicyFile.write(start));
        Files.delete(ScoreMeta.beside(scores));
        assertFailure("s.jsonl.meta.json is missing", FIVE_PERCENT);
        CommandRun run = calibrate(with(FIVE_PERCENT, "--policy", file.toString()));
        written(run);
        assertEquals(1, run.errLines().size(), run.err());
        assertTrue(run.err().startsWith("demur: warning: "), run.err());
    }

    @Test
    void one_promise_for_all_is_the_default_and_what_it_still_refuses_stands_beside_it() throws IOException {
        String[] target = {"--target-false-refusal", "0.05"};
        CommandRun run = calibrate(target);
        RefusalPolicy policy = written(run);
        String byDefault = Files.readString(out);
        assertTrue(run.out().contains("at most 5 % of fresh should-answer prompts"), run.out());
        assertTrue(run.out().contains("are refused at all"), run.out());
        Decisions decisions = prompts().decide(policy);
        int[] refuse = prompts().shouldRefuse();
        String share = Percent.of((double) decisions.refusals(refuse) / refuse.length);
        String text = run.out().replaceAll("\\s+", " ");
        assertTrue(text.contains("the policy refuses " + share + " of what should be refused (humanizing "), text);
        assertTrue(text.contains(" of what should be answered"), text);
        calibrate(with(target, "--joint"));
        assertEquals(byDefault, Files.readString(out));
        assertEquals(2, calibrate(with(target, "--joint", "--per-category")).status());
    }

    @Test
    void a_prompt_under_many_ids_counts_once_and_shuffled_rows_of_the_calibration_are_seen() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(scores)) {
            String hash = PromptHash.of("prompt " + lines.size() / 2);
            lines.add(line.replaceFirst("}$", ",\"promptHash\":\"" + hash + "\"}"));
        }
        Files.write(scores, lines);
        CommandRun run = calibrate(FIVE_PERCENT);
        JsonObject note = Calibrations.json(written(run));
        assertEquals(900, note.get("rows").getAsInt());
        assertEquals(prompts().distinct().length, note.get("prompts").getAsInt());
        assertTrue(run.err().contains("repeat prompts of earlier ones; every prompt counts once"), run.err());
        assertTrue(run.err().contains("are labelled respond in one row and refuse in another"), run.err());
        Path other = SyntheticScores.write(folder.resolve("other.jsonl"), 1, 9);
        Collections.shuffle(lines, new Random(1));
        Files.write(other, lines.subList(0, 100));
        CommandRun eval = CommandRun.of("eval", "--scores", other.toString(), "--policy", out.toString(), "--json");
        JsonObject json = JsonParser.parseString(eval.out()).getAsJsonObject();
        assertTrue(json.get("calibratedOnTheseRows").getAsBoolean());
        assertEquals(100, json.get("sharedPrompts").getAsInt());
        assertTrue(eval.err().contains("was calibrated on these very prompts"), eval.err());
    }

    private void assertFailure(String says, String... options) {
        CommandRun run = calibrate(options);
        assertAll(
                () -> assertEquals(1, run.status(), run.err()),
                () -> assertEquals("", run.out()),
                () -> assertEquals(1, run.errLines().size(), run.err()),
                () -> assertTrue(run.err().contains(says), run.err()),
                () -> assertFalse(Files.exists(out)));
    }
}
