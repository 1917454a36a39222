package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A context of more tokens than the model was trained for is a warning of every command that makes one. */
class ContextWarningIT {

    private static final String MODEL = "models/demur-tiny.gguf";
    private static final int TRAINED = 1024;

    @TempDir
    Path folder;

    private List<List<String>> commands() throws IOException {
        Path data = Files.writeString(folder.resolve("d.jsonl"), "{\"prompt\":\"Hello\",\"expected\":\"respond\"}\n");
        return List.of(
                List.of("ask", "--max-tokens", "1", "Hello"),
                List.of("ask", "--json", "--max-tokens", "1", "Hello"),
                List.of("chat", "--max-tokens", "1"),
                List.of("score", "--data", data.toString(), "--out", folder + "/scores"),
                List.of("doctor"));
    }

    private static long warnings(List<String> command, String... options) {
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of("--model", MODEL));
        words.addAll(List.of(options));
        CommandRun run = CommandRun.withInput("Hello\n".getBytes(StandardCharsets.UTF_8), words.toArray(String[]::new));
        assertEquals(0, run.status(), run.err());
        return (run.out() + run.err())
                .lines()
                .filter(line -> line.contains("warning: --ctx 1025 is beyond the " + TRAINED + " tokens"))
                .count();
    }

    @Test
    void one_token_beyond_the_training_warns_and_the_training_itself_does_not() throws IOException {
        int number = 0;
        for (List<String> command : commands()) {
            List<String> distinct = new ArrayList<>(command);
            if (distinct.contains("--out")) {
                distinct.set(distinct.size() - 1, folder + "/scores" + number++);
            }
            assertEquals(1, warnings(distinct, "--ctx", "" + (TRAINED + 1)), command::toString);
            assertEquals(0, warnings(distinct, "--ctx", "" + TRAINED), command::toString);
            assertEquals(0, warnings(distinct), command::toString);
        }
    }
}
