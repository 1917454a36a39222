package dev.demur.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line's own {@code demur score}, and data for it. */
final class DemurScore {

    static final Path MODEL = Path.of(System.getProperty("demur.models"), "demur-tiny.gguf")
            .toAbsolutePath()
            .normalize();

    private static final Path EXAMPLES = Path.of(System.getProperty("demur.examples"), "prompts.jsonl");

    private DemurScore() {}

    /** Runs a command in a process of its own, and returns what it wrote. */
    static String run(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED",
                "-Ddemur.native.dir=" + System.getProperty("demur.native.dir"),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.demur.cli.Main"));
        command.addAll(List.of(arguments));
        Path out = folder.resolve("out.txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        int status;
        try {
            status = process.waitFor();
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(out);
        assertEquals(0, status, said);
        return said;
    }

    /** The example prompts, each with an id and a beginning of its own, until there are so many. */
    static List<String> rows(int count) throws IOException {
        List<String> examples = Files.readAllLines(EXAMPLES);
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            JsonObject row =
                    JsonParser.parseString(examples.get(i % examples.size())).getAsJsonObject();
            int round = i / examples.size();
            row.addProperty("id", "row " + i);
            if (round > 0) {
                row.addProperty("prompt", round + ". " + row.get("prompt").getAsString());
            }
            rows.add(row.toString());
        }
        return rows;
    }
}
