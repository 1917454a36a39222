package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.cli.calibrate.NoiseChoice;
import dev.demur.evaluation.Evaluation;
import dev.demur.evaluation.EvaluationOptions;
import dev.demur.evaluation.RefusalRates;
import dev.demur.evaluation.WrongDecision;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.OperatingPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EvalCommandTest {

    @TempDir
    Path folder;

    private Path scores;

    @BeforeEach
    void score() throws IOException {
        scores = SyntheticScores.write(folder.resolve("test.jsonl"), 600, 8);
    }

    private Path policyFile(RefusalPolicy policy) throws IOException {
        return Files.writeString(folder.resolve("policy.json"), PolicyFile.write(policy));
    }

    private CommandRun eval(Path policy, String... options) {
        List<String> args =
                new ArrayList<>(List.of("eval", "--scores", scores.toString(), "--policy", policy.toString()));
        args.addAll(List.of(options));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private static JsonObject json(CommandRun run) {
        assertEquals(0, run.status(), run.err());
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }

    private static RefusalPolicy policy(Rule rule) {
        return PaperTokens.defaults(PaperTokens.CATEGORIES, rule);
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void a_program_gets_the_numbers_of_the_library_under_every_rule(Rule rule) throws IOException {
        RefusalPolicy policy = policy(rule);
        CommandRun run = eval(policyFile(policy), "--json", "--noise", "0.25");
        JsonObject json = json(run);
        assertFalse(run.out().contains("Infinity") || run.out().contains("NaN"), run.out());
        ScoredPrompts prompts = ScoreFile.read(scores, null, warning -> {});
        Evaluation expected = Evaluation.of(prompts, policy, EvaluationOptions.DEFAULTS.withNoise(0.25));
        assertRates(expected.joint(), json.getAsJsonObject("joint"));
        JsonArray categories = json.getAsJsonArray("categories");
        assertEquals(expected.categories().size(), categories.size());
        for (int c = 0; c < categories.size(); c++) {
            assertRates(expected.categories().get(c), categories.get(c).getAsJsonObject());
        }
        assertEquals(
                expected.confusion().counts().get(3).get(5),
                json.getAsJsonObject("confusion")
                        .getAsJsonArray("counts")
                        .get(3)
                        .getAsJsonArray()
                        .get(5)
                        .getAsInt());
        assertEquals(
                expected.withinNoise().count(),
                json.getAsJsonObject("withinNoise").get("count").getAsInt());
        assertEquals(rule == Rule.SUM, json.get("steering").isJsonNull());
        if (expected.steering() != null) {
            JsonObject move = json.getAsJsonObject("steering")
                    .getAsJsonArray("moves")
                    .get(3)
                    .getAsJsonObject();
            assertEquals("safety", move.get("category").getAsString());
            assertEquals(
                    expected.steering().moves().get(3).refusedAs().get(3),
                    move.getAsJsonArray("refusedAs").get(3).getAsDouble());
        }
    }

    private static void assertRates(RefusalRates expected, JsonObject json) {
        assertEquals(
                expected.falseRefusal().value(),
                json.getAsJsonObject("falseRefusal").get("rate").getAsDouble());
        assertEquals(
                expected.falseRefusal().interval().high(),
                json.getAsJsonObject("falseRefusal").get("high").getAsDouble());
        assertEquals(
                expected.nearMissFalseRefusal().count(),
                json.getAsJsonObject("nearMissFalseRefusal").get("count").getAsInt());
        assertEquals(
                expected.refusal().rows(),
                json.getAsJsonObject("refusal").get("rows").getAsInt());
        assertEquals(
                expected.precision().value(),
                json.getAsJsonObject("precision").get("rate").getAsDouble());
        assertEquals(expected.f1(), json.get("f1").getAsDouble());
        assertEquals(expected.roc().auc(), json.get("auc").getAsDouble());
        JsonArray points = json.getAsJsonArray("operatingPoints");
        assertEquals(2, points.size());
        for (int i = 0; i < points.size(); i++) {
            OperatingPoint point = expected.operatingPoints().get(i);
            JsonObject there = points.get(i).getAsJsonObject();
            assertEquals(point.falseRefusalRate(), there.get("falseRefusalRate").getAsDouble());
            JsonObject refusal = there.getAsJsonObject("refusal");
            assertEquals(point.refusal().count(), refusal.get("count").getAsInt());
            assertEquals(point.refusal().interval().low(), refusal.get("low").getAsDouble());
        }
        assertEquals(expected.roc().points().size(), json.getAsJsonArray("roc").size());
        assertEquals(
                expected.reliability().expectedError(),
                json.get("expectedCalibrationError").getAsDouble());
    }

    @Test
    void every_field_is_there_and_null_where_there_is_no_number() throws IOException {
        List<String> lines = Files.readAllLines(scores);
        Files.write(
                scores,
                lines.stream().filter(line -> line.contains("\"none\",")).toList());
        JsonObject json = json(eval(policyFile(policy(Rule.THRESHOLD)), "--json"));
        assertEquals(0, json.get("shouldRefuse").getAsInt());
        JsonObject joint = json.getAsJsonObject("joint");
        assertTrue(joint.getAsJsonObject("refusal").get("rate").isJsonNull());
        assertTrue(joint.get("auc").isJsonNull());
        assertTrue(joint.get("threshold").isJsonNull());
        assertTrue(joint.get("promised").isJsonNull());
        assertEquals(0, joint.getAsJsonArray("roc").size());
        assertEquals(EvaluationOptions.DEFAULT_NOISE, json.get("noise").getAsDouble());
        assertEquals(json.get("rows"), json.getAsJsonObject("withinNoise").get("rows"));
    }

    @Test
    void a_person_sees_rates_quality_confusion_and_steering() throws IOException {
        CommandRun run = eval(policyFile(policy(Rule.THRESHOLD)), "--noise", "0.25");
        assertEquals(0, run.status(), run.err());
        assertEquals("", run.err());
        for (String part : List.of(
                "(rule threshold) on ",
                "600 rows: 400 should-answer (200 near misses), 200 should-refuse",
                "refused as     threshold",
                "near-miss FRR",
                "at all",
                "precision, %",
                "expected \\ decided",
                "moved \\ refused as",
                "Within 0.25 of a threshold: ")) {
            assertTrue(run.out().contains(part), part + " in " + run.out());
        }
    }

    @Test
    void intervals_are_wider_where_more_confidence_is_asked_for() throws IOException {
        Path policy = policyFile(policy(Rule.THRESHOLD));
        assertTrue(width(eval(policy, "--json", "--confidence", "0.5")) < width(eval(policy, "--json")));
        assertTrue(width(eval(policy, "--json")) < width(eval(policy, "--json", "--confidence", "0.999")));
    }

    private static double width(CommandRun run) {
        JsonObject rate = json(run).getAsJsonObject("joint").getAsJsonObject("falseRefusal");
        return rate.get("high").getAsDouble() - rate.get("low").getAsDouble();
    }

    @Test
    void the_bounds_that_the_policy_promises_stand_beside_what_was_measured() throws IOException {
        Path calibrationScores = SyntheticScores.write(folder.resolve("s.jsonl"), 900, 5);
        Path policy = folder.resolve("calibrated.json");
        CommandRun calibrated = CommandRun.of(
                "calibrate",
                "--scores=" + calibrationScores,
                "--out=" + policy,
                "--target-false-refusal=0.05",
                "--per-category");
        assertEquals(0, calibrated.status(), calibrated.err());
        JsonObject json = json(eval(policy, "--json"));
        JsonObject promised =
                json.getAsJsonArray("categories").get(0).getAsJsonObject().getAsJsonObject("promised");
        double bound = promised.get("bound").getAsDouble();
        assertTrue(bound > 0.03 && bound <= 0.05, promised.toString());
        assertEquals("false-refusal", promised.get("objective").getAsString());
        String text = eval(policy).out();
        assertTrue(text.contains("incomplete, indeterminate, safety, unsupported): FRR"), text);
        assertTrue(text.contains("Promised (at all): FRR at most "), text);
    }

    @Test
    void a_policy_that_was_edited_after_its_calibration_promises_nothing_and_under_strict_policy_fails()
            throws IOException {
        Path calibrationScores = SyntheticScores.write(folder.resolve("s.jsonl"), 900, 5);
        Path policy = folder.resolve("calibrated.json");
        CommandRun.of("calibrate", "--scores=" + calibrationScores, "--out=" + policy, "--target-false-refusal=0.05");
        String written = Files.readString(policy);
        assertEquals(0, eval(policy, "--strict-policy").status());
        Files.writeString(policy, written.replaceAll("\\s+", " ").replace("\"reply\": null", "\"reply\": \"No.\""));
        CommandRun indented = eval(policy, "--strict-policy");
        assertEquals(0, indented.status(), indented.err());
        assertTrue(indented.out().contains("Promised ("), indented.out());
        Files.writeString(policy, written.replaceFirst("\"threshold\": [0-9.]+", "\"threshold\": 0.01"));
        CommandRun edited = eval(policy);
        assertEquals(0, edited.status(), edited.err());
        assertFalse(edited.out().contains("Promised"), edited.out());
        assertTrue(edited.err().contains("because it was changed after it was calibrated"), edited.err());
        JsonObject json = json(eval(policy, "--json"));
        assertTrue(json.getAsJsonObject("joint").get("promised").isJsonNull());
        assertEquals(
                "policyHash",
                json.getAsJsonArray("provenance")
                        .get(0)
                        .getAsJsonObject()
                        .get("field")
                        .getAsString());
        CommandRun strict = eval(policy, "--strict-policy");
        assertEquals(1, strict.status(), strict.out());
        assertTrue(strict.err().contains("which --strict-policy forbids"), strict.err());
        Files.delete(scores.resolveSibling(scores.getFileName() + ".meta.json"));
        assertEquals(1, eval(policy, "--strict-policy").status(), "nor without a meta file");
    }

    @Test
    void on_the_rows_that_chose_the_thresholds_no_interval_is_given_and_a_warning_says_why() throws IOException {
        Path policy = folder.resolve("p.json");
        CommandRun.of("calibrate", "--scores=" + scores, "--out=" + policy, "--target-false-refusal=0.05");
        CommandRun run = eval(policy, "--json");
        JsonObject json = json(run);
        assertTrue(json.get("calibratedOnTheseRows").getAsBoolean());
        assertTrue(json.getAsJsonObject("joint")
                .getAsJsonObject("refusal")
                .get("low")
                .isJsonNull());
        assertEquals(1, run.errLines().size(), run.err());
        assertTrue(run.err().contains("was calibrated on these very prompts"), run.err());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "--noise -1     | --noise is '-1': it must be a number from 0 to 1000",
                "--noise wide   | --noise is 'wide'",
                "--confidence 1 | --confidence is '1': it must be a number above 0 and below 1",
                "--text         | --text needs the prompts: --data FILE names what was scored",
            })
    void wrong_options_are_one_line_and_status_2(String options, String says) throws IOException {
        CommandRun run =
                eval(policyFile(policy(Rule.THRESHOLD)), options.strip().split(" "));
        assertAll(
                () -> assertEquals(2, run.status(), run.err()),
                () -> assertEquals(1, run.errLines().size(), run.err()),
                () -> assertTrue(run.err().contains(says), run.err()));
    }

    @Test
    void scores_and_policy_are_required() {
        CommandRun run = CommandRun.of("eval", "--scores", scores.toString());
        assertEquals(2, run.status());
        assertTrue(run.err().contains("--policy is missing: --policy FILE"), run.err());
        assertEquals(2, CommandRun.of("eval", "--policy", "p.json").status());
    }

    @Test
    void files_that_are_missing_or_do_not_fit_are_failures_in_one_line() throws IOException {
        assertFailure("none.json: there is no such policy file", Path.of("none.json"));
        Path other = policyFile(PaperTokens.defaults(PaperTokens.ONE_TOKEN, Rule.SUM));
        assertFailure("is not a category of this model", other);
        Path policy = policyFile(policy(Rule.SUM).withTemperature(2));
        assertFailure("policy.json: temperature: 2.0, but the prompts were scored with 1.0", policy);
        Files.writeString(scores, "{}\n");
        assertFailure("test.jsonl:1: id: is missing", policyFile(policy(Rule.SUM)));
    }

    @Test
    void rows_that_are_decided_wrongly_are_listed_the_worst_first_and_in_a_file() throws IOException {
        RefusalPolicy policy = policy(Rule.THRESHOLD);
        Path file = folder.resolve("wrong.jsonl");
        Path data = Files.writeString(
                folder.resolve("d.jsonl"), "{\"id\":\"r1\",\"prompt\":\"The text of one\",\"expected\":\"respond\"}\n");
        CommandRun run = eval(policyFile(policy), "--wrong", file.toString(), "--data", data.toString());
        assertEquals(0, run.status(), run.err());
        ScoredPrompts prompts = ScoreFile.read(scores, null, warning -> {});
        List<WrongDecision> expected = WrongDecision.of(prompts, policy);
        List<String> lines = Files.readAllLines(file);
        assertEquals(expected.size(), lines.size());
        assertTrue(lines.size() > 20, lines.size() + " lines");
        double before = Double.POSITIVE_INFINITY;
        for (int i = 0; i < lines.size(); i++) {
            JsonObject json = JsonParser.parseString(lines.get(i)).getAsJsonObject();
            assertEquals(prompts.id(expected.get(i).row()), json.get("id").getAsString());
            boolean refused = !json.get("decided").getAsString().equals("respond");
            boolean shouldBe = json.get("expected").getAsString().equals("refuse");
            double distance = json.get("distance").getAsDouble();
            assertTrue(refused != shouldBe || distance == 0, lines.get(i));
            assertTrue(distance <= before, lines.get(i));
            before = distance;
        }
        assertTrue(run.out().contains("decided wrongly"), run.out());
        assertTrue(run.out().contains("The worst 10 of " + lines.size()), run.out());
        assertEquals(
                lines.size(),
                json(eval(policyFile(policy), "--json")).get("wrong").getAsInt());
        assertEquals(0, eval(policyFile(policy), "--wrong", file.toString()).status(), "such a file is replaced");
        CommandRun other = eval(policyFile(policy), "--wrong", scores.toString());
        assertEquals(1, other.status(), other.out());
        assertTrue(other.err().contains("is no list of wrong decisions, so it is not replaced"), other.err());
    }

    @Test
    void a_policy_that_names_one_category_says_that_it_refuses_no_other() throws IOException {
        Path policy = Files.writeString(
                folder.resolve("one.json"),
                "{\"version\":2,\"rule\":\"threshold\",\"categories\":[{\"id\":\"safety\",\"threshold\":0.5}]}");
        String others = "does not name humanizing, incomplete, indeterminate, unsupported, so that ";
        assertTrue(
                eval(policy).err().contains(others + "it never refuses these"),
                eval(policy).err());
        String written = Files.readString(policy);
        Files.writeString(policy, written.replace("\"threshold\",\"cat", "\"top-category\",\"cat"));
        assertTrue(
                eval(policy).err().contains(others + "where one of these"),
                eval(policy).err());
        Files.writeString(policy, written.replace("\"threshold\",\"cat", "\"sum\",\"cat"));
        assertEquals("", eval(policy).err());
    }

    @Test
    void noise_is_told_in_three_decimals_and_a_little_of_it_in_two_digits() {
        assertEquals("0.994", NoiseChoice.amount(0.994441325843455));
        assertEquals("0.25", NoiseChoice.amount(0.25));
        assertEquals("0.0003", NoiseChoice.amount(3e-4));
        assertEquals("0.00012", NoiseChoice.amount(1.2345e-4));
        assertEquals("0", NoiseChoice.amount(0));
    }

    private void assertFailure(String says, Path policy) {
        CommandRun run = eval(policy);
        assertAll(
                () -> assertEquals(1, run.status(), run.err()),
                () -> assertEquals("", run.out()),
                () -> assertEquals(1, run.errLines().size(), run.err()),
                () -> assertTrue(run.err().contains(says), run.err()));
    }
}
