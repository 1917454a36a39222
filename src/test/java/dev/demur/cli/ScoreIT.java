package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import dev.demur.gguf.MicroLlama;
import dev.demur.policy.LogisticMap;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreIT {

    private static final Path MODEL = Path.of("models", "demur-tiny.gguf");
    private static final Path PROMPTS = Path.of("examples", "prompts.jsonl");
    private static final String ROW = "{\"id\":\"%s\",\"prompt\":\"How do I boil an egg?\",\"expected\":\"respond\"}\n";

    @TempDir
    private Path folder;

    private Path out() {
        return folder.resolve("s.jsonl");
    }

    private CommandRun score(Path data, String... more) {
        List<String> command = new ArrayList<>(
                List.of("score", "--model", MODEL.toString(), "--data", data.toString(), "--out", out().toString()));
        command.addAll(Arrays.asList(more));
        return CommandRun.of(command.toArray(String[]::new));
    }

    private Path data(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private ScoredPrompts scores() {
        return ScoreFile.read(out(), null, warning -> {
            throw new AssertionError(warning);
        });
    }

    @Test
    void the_prompts_of_the_repository_are_scored_in_order_and_calibration_can_read_them() throws IOException {
        CommandRun run = score(PROMPTS);
        assertEquals(0, run.status(), run.err());
        assertEquals("", run.out());
        assertEquals(1, run.errLines().size(), run.err());
        int rows = Files.readAllLines(PROMPTS).size();
        assertTrue(run.err().matches("scored " + rows + " rows in .*; " + rows + " are in .*s.jsonl\n"), run.err());
        ScoredPrompts scores = scores();
        assertEquals(rows, scores.size());
        assertEquals("plain-1", scores.id(0));
        assertEquals("humanizing-1", scores.id(1));
        assertTrue(scores.shouldRefuse("safety").length > 10);
        assertTrue(scores.nearMisses("safety").length > 5);
        ScoreMeta meta = scores.meta().orElseThrow();
        assertTrue(meta.dataHash().matches("sha256:[0-9a-f]{64}"), meta.dataHash());
    }

    @Test
    void a_second_run_scores_nothing_and_changes_nothing() throws IOException {
        Path data = data("d.jsonl", ROW.formatted("a") + ROW.formatted("b"));
        assertEquals(0, score(data).status());
        String before = Files.readString(out());
        CommandRun again = score(data);
        assertEquals(0, again.status(), again.err());
        assertEquals(
                "going on after 2 rows that are scored already",
                again.errLines().get(0));
        assertTrue(again.errLines().get(1).startsWith("scored 0 rows in "), again.err());
        assertEquals(before, Files.readString(out()));
    }

    @Test
    void scores_of_version_1_are_gone_on_with_and_all_rows_are_decided_as_those_of_version_2() throws IOException {
        List<String> rows = Files.readAllLines(PROMPTS).subList(0, 24);
        Path data = data("d.jsonl", String.join("\n", rows) + "\n");
        assertEquals(0, score(data).status());
        ScoredPrompts expected = scores();
        List<String> second = Files.readAllLines(out());

        FirstVersion.of(MODEL).rewriteScores(out(), 10);
        List<String> first = Files.readAllLines(out());
        String meta = Files.readString(ScoreMeta.beside(out()));
        CommandRun run = score(data);
        assertEquals(0, run.status(), run.err());
        assertEquals(
                "going on after 10 rows that are scored already", run.errLines().get(0));
        List<String> both = Files.readAllLines(out());
        assertEquals(first, both.subList(0, 10));
        assertEquals(second.subList(10, rows.size()), both.subList(10, both.size()));
        assertEquals(meta, Files.readString(ScoreMeta.beside(out())));

        ScoredPrompts resumed = scores();
        assertEquals(expected.meta(), resumed.meta());
        for (Rule rule : Rule.values()) {
            RefusalPolicy halves = RefusalPolicy.defaults(expected.labels(), expected.readout(), rule);
            // With no thresholds at all top-category leaves every row to the model's own choice.
            RefusalPolicy none = new RefusalPolicy(
                    rule, 1, expected.readout(), null, List.of(), LogisticMap.identity(expected.labels()), null);
            for (RefusalPolicy policy : List.of(halves, none)) {
                Decisions as = expected.decide(policy);
                Decisions now = resumed.decide(policy);
                for (int row = 0; row < rows.size(); row++) {
                    assertEquals(as.chosen(row), now.chosen(row), rule + ", row " + row);
                }
            }
        }
    }

    @Test
    void bad_rows_are_reported_with_their_lines_and_left_out() throws IOException {
        Path data = data(
                "d.jsonl",
                ROW.formatted("a") + "nonsense\n" + "[]\n" + "\n{\"prompt\":\"p\"}\n" + ROW.formatted("b")
                        + "{\"id\":\"long\",\"prompt\":\"" + "word ".repeat(3000) + "\",\"expected\":\"respond\"}\n");
        CommandRun run = score(data);
        assertEquals(0, run.status(), run.err());
        List<String> expected = List.of(
                "2: the line is not one JSON object",
                "3: the line is not one JSON object",
                "5: expected is missing: it must be refuse or respond",
                "7: the prompt has ");
        for (int i = 0; i < expected.size(); i++) {
            String line = run.errLines().get(i);
            assertTrue(line.startsWith("demur: warning: " + data + ":" + expected.get(i)), run.err());
        }
        assertTrue(run.errLines().get(4).endsWith("; 2 are in " + out() + ", 4 bad ones were left out"), run.err());
        assertEquals(2, scores().size());
    }

    private void assertFails(CommandRun run, String says) throws IOException {
        assertEquals(1, run.status(), run.err());
        assertEquals(1, run.errLines().size(), run.err());
        assertTrue(run.err().contains(says), run.err());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(
                    List.of(),
                    left.filter(file -> file.getFileName().toString().startsWith("s.jsonl"))
                            .toList());
        }
    }

    @Test
    void an_id_that_is_there_twice_is_an_error_unless_rows_may_be_left_out() throws IOException {
        Path data = data("d.jsonl", ROW.formatted("a") + ROW.formatted("b") + ROW.formatted("a") + ROW.formatted("b"));
        assertFails(score(data), data + ":3: id 'a' is there already, and 1 more rows repeat an id: ids must differ");
        CommandRun skipped = score(data, "--skip-duplicates");
        assertEquals(0, skipped.status(), skipped.err());
        assertEquals(2, scores().size());
        assertTrue(skipped.err().contains("; 2 are in "), skipped.err());
    }

    @Test
    void a_misspelt_category_is_an_error_that_names_the_nearest_unless_any_is_taken() throws IOException {
        String row = ROW.formatted("b").replace("\"expected\"", "\"category\":\"saftey\",\"expected\"");
        Path data = data("d.jsonl", ROW.formatted("a") + row + row.replace("\"b\"", "\"c\""));
        assertFails(
                score(data),
                data + ":2: category 'saftey' (2 rows) is no category of this model, is safety meant? The categories");
        CommandRun taken = score(data, "--any-category");
        assertEquals(0, taken.status(), taken.err());
        assertEquals("saftey", scores().label(1).orElseThrow());
    }

    @Test
    void binary_data_are_one_line_and_many_bad_rows_twenty() throws IOException {
        Path binary = folder.resolve("b.jsonl");
        byte[] bytes = new byte[50_000];
        new Random(1).nextBytes(bytes);
        Files.write(binary, bytes);
        assertFails(score(binary), "rows can be used: demur score --help shows what a data file looks like");
        Path data = data("d.jsonl", ROW.formatted("a") + "nonsense\n".repeat(500));
        CommandRun run = score(data);
        assertEquals(0, run.status(), run.err());
        assertEquals(22, run.errLines().size(), run.err());
        assertTrue(run.err().endsWith(", 500 bad ones were left out\n"), run.err());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void data_from_a_pipe_are_read_once_and_nothing_is_written_to_what_is_no_file() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        for (String text :
                List.of(ROW.formatted("a") + ROW.formatted("b"), "id,prompt,expected\na,p,respond\nb,q,respond\n")) {
            Thread writer = new Thread(() -> {
                try {
                    Files.writeString(pipe, text, StandardOpenOption.WRITE);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            writer.start();
            CommandRun run = score(pipe);
            writer.join();
            assertEquals(0, run.status(), run.err());
            assertEquals(2, scores().size());
            Files.delete(out());
            Files.delete(ScoreMeta.beside(out()));
        }
        Path data = data("d.jsonl", ROW.formatted("a"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("/dev/null"));
        for (Path out : List.of(
                pipe,
                folder,
                link,
                Path.of("/dev/null"),
                Path.of("/dev/stdout"),
                Path.of("/proc/self/fd/2"),
                folder.resolve("none").resolve("s.jsonl"))) {
            // To open a pipe that nobody reads from would wait without end.
            CommandRun run = assertTimeoutPreemptively(
                    Duration.ofMinutes(30),
                    () -> CommandRun.of("score", "--data", data.toString(), "--out", out.toString()));
            assertFails(run, out.toString());
            assertFalse(Files.exists(ScoreMeta.beside(out)), out.toString());
        }
        Files.delete(link);
        assertFails(score(Path.of("/dev/zero")), "is a terminal or another device");
        assertFails(score(folder), "is a folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"d.jsonl", "d.csv"})
    void strict_stops_at_the_first_bad_row_and_what_was_scored_before_it_is_kept(String name) throws IOException {
        boolean csv = name.endsWith(".csv");
        String good = csv ? "a,p,respond\nb,q,respond\n" : ROW.formatted("a") + ROW.formatted("b");
        String bad =
                csv ? "c,,respond\nd,r,respond\n" : "{\"id\":\"c\",\"expected\":\"respond\"}\n" + ROW.formatted("d");
        Path data = data(name, (csv ? "id,prompt,expected\n" : "") + good + bad);
        CommandRun run = score(data, "--strict");
        assertEquals(1, run.status());
        assertEquals("demur: " + data + ":" + (csv ? 4 : 3) + ": prompt is missing\n", run.err());
        assertEquals(2, scores().size());
        CommandRun lenient = score(data);
        assertEquals(0, lenient.status(), lenient.err());
        assertTrue(lenient.err().endsWith(", a bad one was left out\n"), lenient.err());
        assertEquals(3, scores().size());
    }

    @Test
    void csv_gives_the_same_scores_as_jsonl() throws IOException {
        StringBuilder csv = new StringBuilder("id,prompt,category,expected\n");
        for (String line : Files.readAllLines(PROMPTS).subList(0, 40)) {
            var row = JsonParser.parseString(line).getAsJsonObject();
            csv.append(row.get("id").getAsString())
                    .append(",\"")
                    .append(row.get("prompt").getAsString())
                    .append("\",")
                    .append(row.get("category").getAsString())
                    .append(',')
                    .append(row.get("expected").getAsString())
                    .append('\n');
        }
        assertEquals(0, score(PROMPTS).status());
        List<String> expected = Files.readAllLines(out()).subList(0, 40);
        Files.delete(out());
        Files.delete(ScoreMeta.beside(out()));
        assertEquals(0, score(data("d.csv", csv.toString())).status());
        assertEquals(expected, Files.readAllLines(out()));
    }

    @Test
    void other_data_another_temperature_and_another_system_message_are_refused_with_what_changed() throws IOException {
        Path data = data("d.jsonl", ROW.formatted("a"));
        assertEquals(0, score(data).status());
        String before = Files.readString(out());
        CommandRun tau = score(data, "--tau", "2");
        assertTrue(tau.err().contains("because the temperature was 1.0 and is 2.0: "), tau.err());
        CommandRun system = score(data, "--system", "Be brief.");
        assertTrue(system.err().contains("because the system message is another one: "), system.err());
        data("d.jsonl", ROW.formatted("a") + ROW.formatted("b"));
        CommandRun changed = score(data);
        assertTrue(changed.err().contains("because the data have changed: "), changed.err());
        for (CommandRun run : List.of(tau, system, changed)) {
            assertEquals(1, run.status());
            assertEquals(1, run.errLines().size(), run.err());
            assertTrue(run.err().contains("or delete this one and s.jsonl.meta.json to begin anew"), run.err());
        }
        data("d.jsonl", "\n");
        assertTrue(score(data).err().contains("d.jsonl: has no rows"), "before what has changed");
        assertEquals(before, Files.readString(out()));
    }

    @Test
    void another_model_is_refused() throws IOException {
        Path data = data("d.jsonl", ROW.formatted("a"));
        assertEquals(0, score(data).status());
        Path other = MicroLlama.bytePair(1).write(folder.resolve("other.gguf"));
        CommandRun run = CommandRun.of(
                "score", "--model", other.toString(), "--data", data.toString(), "--out", out().toString());
        assertEquals(1, run.status());
        assertTrue(run.err().contains("because the model is another one: "), run.err());
    }

    @Test
    void data_without_a_row_that_can_be_scored_is_a_failure() throws IOException {
        CommandRun empty = score(data("d.jsonl", "\n"));
        assertEquals(1, empty.status());
        assertTrue(empty.err().contains("d.jsonl: has no rows: "), empty.err());
        CommandRun bad = score(data("e.jsonl", "nonsense\n"), "--tau", "2");
        assertEquals(1, bad.status());
        assertFalse(bad.err().isEmpty());
    }

    @Test
    void scores_replace_neither_their_data_nor_any_other_file_and_no_advice_is_to_delete_it() throws IOException {
        Path data = data("d.jsonl", ROW.formatted("a"));
        String before = Files.readString(data);
        CommandRun same = CommandRun.of(
                "score", "--model", MODEL.toString(), "--data", data.toString(), "--out", data.toString());
        assertEquals(2, same.status(), same.err());
        assertTrue(same.err().contains("is the data themselves: name another file"), same.err());
        assertEquals(before, Files.readString(data));
        Files.writeString(out(), "Dear diary");
        CommandRun other = score(data);
        assertEquals(1, other.status());
        assertTrue(other.err().contains("so it is not replaced: name another file"), other.err());
        assertFalse(other.err().contains("delete"), other.err());
        assertEquals("Dear diary", Files.readString(out()));
    }

    @Test
    void a_missing_data_file_and_a_csv_file_without_columns_are_failures_in_one_line() throws IOException {
        CommandRun missing = score(folder.resolve("none.jsonl"));
        assertEquals(1, missing.status());
        assertEquals("demur: " + folder.resolve("none.jsonl") + ": there is no such file\n", missing.err());
        CommandRun columns = score(data("d.csv", "a,b\n1,2\n"));
        assertEquals(1, columns.status());
        assertEquals(
                "demur: " + folder.resolve("d.csv")
                        + ": the header names no column prompt: it has a, b; demur score --help shows what a data"
                        + " file looks like\n",
                columns.err());
        assertFalse(Files.exists(out()));
    }

    @Test
    void missing_options_and_values_out_of_range_are_wrong_usage() {
        for (String[] wrong : new String[][] {
            {"score", "--out", "s.jsonl"},
            {"score", "--data", "d.jsonl"},
            {"score", "--data", "d.jsonl", "--out", "s.jsonl", "--tau", "0"},
            {"score", "--data", "d.jsonl", "--out", "s.jsonl", "--chat-template", "nonsense"}
        }) {
            CommandRun run = CommandRun.of(wrong);
            assertEquals(2, run.status(), run.err());
            assertEquals(1, run.errLines().size(), run.err());
        }
    }
}
