package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.gguf.MicroLlama;
import dev.demur.readout.HeadFile;
import dev.demur.suites.Repetitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command as a process of its own runs it, on a model that knows next to nothing. {@code demur.test.kills} sets how many
 * processes are ended by SIGKILL, {@code demur.test.seed} repeats a run.
 */
@NullMarked
class FitIT {

    private static final int KILLS = Integer.getInteger("demur.test.kills", Repetitions.of(2, 10));
    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());
    private static final int PROMPTS = Repetitions.of(90, 174);

    /** Processes that were ended too late are no test. */
    private static final int MOST_KILLS = 20;

    @TempDir
    private Path folder = Path.of("unset");

    private Path model = Path.of("unset");
    private Path head = Path.of("unset");
    private Path prompts = Path.of("unset");

    @BeforeEach
    void makeModel() throws IOException {
        List<String> all = Files.readAllLines(Path.of("examples", "prompts.jsonl"));
        prompts = Files.write(folder.resolve("prompts.jsonl"), all.subList(0, PROMPTS));
        model = MicroLlama.bytePair(1).write(folder.resolve("any.gguf"));
        head = folder.resolve("any.head.gguf");
    }

    private CommandRun fit(String... more) {
        return CommandRun.of(arguments(more));
    }

    private String[] arguments(String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("fit", "--model", model.toString(), "--data", prompts.toString(), "--no-starter"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    @Test
    void a_fitted_head_decides_in_every_command_and_its_own_rows_are_refused() throws IOException {
        CommandRun fitted = fit("--target-false-refusal", "0.1");
        assertEquals(0, fitted.status(), fitted.err());
        for (String part :
                List.of("AUC", "Wrote " + head, "Next: demur ask --model " + model, "with a slip of the keys")) {
            assertTrue(fitted.out().contains(part), part + " in " + fitted.out());
        }
        assertFalse(Files.exists(folder.resolve("any.head.gguf.features")));
        HeadFile file = HeadFile.read(head);
        JsonObject data = JsonParser.parseString(file.facts().data()).getAsJsonObject();
        assertEquals(file.facts().trainedOn().length, data.get("prompts").getAsInt());

        CommandRun asked = CommandRun.of("ask", "--model", model.toString(), "--json", "--max-tokens", "2", "Hello");
        assertEquals(0, asked.status(), asked.err());
        assertTrue(asked.out().contains("\"kind\":\"head\""), asked.out());

        Path scores = folder.resolve("s.jsonl");
        CommandRun scored = CommandRun.of(
                "score", "--model", model.toString(), "--data", prompts.toString(), "--out", scores.toString());
        assertEquals(0, scored.status(), scored.err());
        Path policy = folder.resolve("p.json");
        String[] calibrate = {
            "calibrate", "--scores", scores.toString(), "--target-false-refusal", "0.2", "--out", policy.toString()
        };
        CommandRun refused = CommandRun.of(calibrate);
        assertEquals(1, refused.status());
        assertTrue(refused.err().contains("the head was fitted on all rows"), refused.err());
        String[] allowed = Arrays.copyOf(calibrate, calibrate.length + 1);
        allowed[calibrate.length] = "--allow-training-rows";
        assertEquals(0, CommandRun.of(allowed).status());
        CommandRun evaluated = CommandRun.of("eval", "--scores", scores.toString(), "--policy", policy.toString());
        assertEquals(1, evaluated.status());
        assertTrue(evaluated.err().contains("--allow-training-rows"), evaluated.err());
    }

    @Test
    void a_killed_fit_goes_on_and_gives_the_same_bytes_as_one_that_was_not() throws Exception {
        // One that takes its time to read.
        Files.copy(Path.of("models", "demur-tiny.gguf"), model, StandardCopyOption.REPLACE_EXISTING);
        assertEquals(0, fit("--seed", "5").status());
        byte[] expected = Files.readAllBytes(head);
        Files.delete(head);
        Path features = folder.resolve("any.head.gguf.features");
        Random random = new Random(SEED);
        int inTheMiddle = 0;
        for (int kill = 0; kill < KILLS || inTheMiddle == 0 && kill < MOST_KILLS; kill++) {
            long before = Files.exists(features) ? Files.size(features) : 0;
            Process process = CommandRun.start(folder, arguments("--seed", "5"));
            while (process.isAlive() && (!Files.exists(features) || Files.size(features) <= before)) {
                Thread.sleep(1);
            }
            Thread.sleep(random.nextInt(30));
            process.destroyForcibly();
            assertTrue(process.waitFor(30, TimeUnit.MINUTES));
            inTheMiddle += Files.exists(features) && Files.size(features) > before ? 1 : 0;
            Files.deleteIfExists(head);
        }
        CommandRun last = fit("--seed", "5");
        assertEquals(0, last.status(), last.err());
        assertArrayEquals(expected, Files.readAllBytes(head), "seed " + SEED);
        assertTrue(inTheMiddle > 0, "no process was ended while it read, seed " + SEED);
    }

    @Test
    void kept_features_save_the_pass_and_other_ones_are_an_error() {
        assertEquals(0, fit("--keep-features").status());
        CommandRun again = fit("--keep-features", "--target-refusal", "0.5");
        assertEquals(0, again.status(), again.err());
        assertTrue(again.err().contains("that are there already"), again.err());
        CommandRun other = fit("--seed", "9");
        assertEquals(1, other.status());
        assertTrue(other.err().contains("begun otherwise (the prompts, the seed or the forms)"), other.err());
    }

    @Test
    void the_head_can_be_inside_a_copy_of_the_model() throws IOException {
        Path whole = folder.resolve("whole.gguf");
        CommandRun fitted = fit("--no-augment", "--sees", "conversation", "--embed", whole.toString());
        assertEquals(0, fitted.status(), fitted.err());
        assertFalse(fitted.out().contains("harmless form"), fitted.out());
        CommandRun inspected = CommandRun.of("inspect", whole.toString());
        assertTrue(inspected.out().contains("sees the whole conversation"), inspected.out());
    }

    @Test
    void the_head_reads_what_the_chat_template_is_told() throws IOException {
        Files.copy(Path.of("models", "demur-tiny.gguf"), model, StandardCopyOption.REPLACE_EXISTING);
        String[] variable = {"--template-var", "enable_thinking=false"};
        CommandRun fitted = fit(variable[0], variable[1], "--no-augment");
        assertEquals(0, fitted.status(), fitted.err());
        assertTrue(HeadFile.read(head).facts().template().contains("enable_thinking"));
    }

    @Test
    void wrong_use_is_told_before_any_work() throws IOException {
        CommandRun noModel = CommandRun.of("fit", "--data", prompts.toString());
        assertEquals(2, noModel.status());
        assertTrue(noModel.err().contains("--model"), noModel.err());
        assertEquals(
                2,
                CommandRun.of("fit", "--model", model.toString(), "--no-starter")
                        .status());
        assertEquals(
                2,
                fit("--target-refusal", "0.9", "--target-false-refusal", "0.1").status());
        assertEquals(2, fit("--out", model.toString()).status());
        assertEquals(2, fit("--embed", model.toString()).status());
        assertEquals(2, fit("--readout", "tokens").status());
        Path other = Files.writeString(folder.resolve("diary.txt"), "Dear diary");
        CommandRun replaced = fit("--out", other.toString());
        assertEquals(1, replaced.status());
        assertTrue(replaced.err().contains("holds no head, so it is not replaced"), replaced.err());
        CommandRun missing = CommandRun.of("fit", "--model", model.toString(), "--data", "nowhere.jsonl");
        assertEquals(1, missing.status());
        assertTrue(missing.err().contains("nowhere.jsonl: there is no such file"), missing.err());
    }

    @Test
    void data_that_are_not_what_they_seem_are_told() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.csv"), "prompt,expected\n");
        assertTold(1, "empty.csv: has no rows", "--data", empty.toString());
        List<String> rows = Files.readAllLines(prompts);
        Path typo = Files.write(
                folder.resolve("typo.jsonl"),
                rows.stream().map(row -> row.replace("\"safety\"", "\"safty\"")).toList());
        assertTold(1, "is no category that Demur knows, is safety meant? The categories", "--data", typo.toString());
        CommandRun taken = fit("--data", typo.toString(), "--any-category", "--no-augment");
        assertEquals(0, taken.status(), taken.err());
        Path own = Files.write(
                folder.resolve("own.jsonl"),
                rows.stream()
                        .map(row -> row.replace("\"safety\"", "\"billing\""))
                        .toList());
        CommandRun other = CommandRun.of(
                "fit", "--model", model.toString(), "--data", own.toString(), "--no-starter", "--no-augment");
        assertEquals(0, other.status(), other.err());
        assertTrue(other.err().matches("(?s).*" + PROMPTS + " prompts: .*billing \\d+.*"), other.err());
        assertTrue(other.out().contains("in place of the head that was there"), other.out());
        assertFalse(other.out().contains("--readout"), other.out());

        Path none = Files.write(
                folder.resolve("none.jsonl"),
                rows.stream()
                        .map(row -> row.replace("\"category\"", "\"kategorie\""))
                        .toList());
        CommandRun unnamed = CommandRun.of(
                "fit", "--model", model.toString(), "--data", none.toString(), "--no-starter", "--no-augment");
        assertTrue(unnamed.err().contains("no row has a \"category\""), unnamed.err());
        Path bad = Files.write(
                folder.resolve("bad.jsonl"),
                rows.stream().map(row -> row.replace("\"refuse\"", "\"deny\"")).toList());
        assertTold(1, "rows are left out as bad ones", "--data", bad.toString());
        assertTold(1, "expected is \"deny\"", "--data", bad.toString(), "--strict");
    }

    private void assertTold(int status, String says, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("fit", "--model", model.toString(), "--no-starter", "--no-augment"));
        arguments.addAll(List.of(more));
        CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
        assertEquals(status, run.status(), run.err());
        assertTrue(run.err().contains(says), run.err());
    }

    @Test
    void without_a_target_the_policy_promises_what_there_are_enough_prompts_for() throws IOException {
        Files.copy(
                Path.of("examples", "prompts.jsonl"),
                prompts,
                StandardCopyOption.REPLACE_EXISTING); // 74 to be answered
        CommandRun fitted = fit("--no-augment");
        assertEquals(0, fitted.status(), fitted.err());
        String out = fitted.out().replaceAll("\\s+", " ");
        assertTrue(out.contains("at most 5 %"), out); // 1 % takes 299 of them, 2 % takes 149
        Files.write(prompts, Files.readAllLines(prompts).subList(0, 100)); // 44 to be answered
        String none = fit("--no-augment").out().replaceAll("\\s+", " ");
        assertTrue(
                none.contains("has 44 should-answer prompts, needs 59."), none); // what 5 % takes, not the 299 of 1 %
    }

    @Test
    void too_few_prompts_are_an_error_that_says_how_many_it_takes() throws IOException {
        Path few = Files.write(
                folder.resolve("few.jsonl"), Files.readAllLines(prompts).subList(0, 12));
        CommandRun run = CommandRun.of("fit", "--model", model.toString(), "--data", few.toString(), "--no-starter");
        assertEquals(1, run.status());
        assertTrue(run.err().contains("a head needs at least 10 of each kind"), run.err());
        assertFalse(Files.exists(folder.resolve("any.head.gguf.features")));
    }
}
