package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.policy.PolicyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README says of calibrating, given to the packaged application in a folder of its own. */
class ReadmeIT {

    private static final Path APPLICATION = Path.of("target", "app", "start.jar");
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    @TempDir
    private Path folder;

    /** The commands of the section's first block. */
    private static List<String> commands(String section) throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        int start = readme.indexOf("\n## " + section + "\n");
        assertTrue(start >= 0, "The README has no section " + section);
        int from = readme.indexOf("```\n", start) + 4;
        return readme.substring(from, readme.indexOf("```", from)).lines().toList();
    }

    private String run(String command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Ddemur.home=" + folder));
        for (String name : List.of("demur.binding", "demur.native.dir")) {
            if (System.getProperty(name) != null) {
                words.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        words.addAll(List.of("-jar", APPLICATION.toAbsolutePath().toString()));
        Matcher word = WORD.matcher(command);
        assertTrue(word.find());
        assertEquals("./demur", word.group(2), command);
        while (word.find()) {
            words.add(Objects.requireNonNullElse(word.group(1), word.group(2)));
        }
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        Process process = new ProcessBuilder(words)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            assertTrue(process.waitFor(1, TimeUnit.HOURS), command + " hangs");
        } finally {
            process.destroyForcibly();
        }
        assertEquals(0, process.exitValue(), command + "\n" + Files.readString(err));
        return Files.readString(out) + Files.readString(err);
    }

    @Test
    void the_commands_for_calibrating_do_what_the_text_below_them_says() throws IOException, InterruptedException {
        Files.createDirectory(folder.resolve("examples"));
        Files.copy(
                Path.of("examples", "prompts.jsonl"), folder.resolve("examples").resolve("prompts.jsonl"));
        // The default where there is no larger one: what the commands do does not depend on the model, and their time does.
        Files.createDirectory(folder.resolve("models"));
        Files.createSymbolicLink(
                folder.resolve(DefaultModel.TINY), Path.of(DefaultModel.TINY).toAbsolutePath());
        List<String> commands = commands("Calibrate");
        assertEquals(
                List.of("score", "calibrate", "eval", "ask"),
                commands.stream().map(command -> command.split(" ")[1]).toList());
        List<String> said = new ArrayList<>();
        for (String command : commands) {
            said.add(run(command));
        }
        assertTrue(said.get(1).contains("confidence"), said.get(1));
        assertTrue(Objects.requireNonNull(
                        PolicyFile.read(folder.resolve("policy.json")).calibration())
                .has("statement"));
        assertTrue(said.get(2).contains("was calibrated on these very prompts"), said.get(2));
        String page = Files.readString(folder.resolve("report").resolve("report.html"));
        assertTrue(page.contains("<svg"), page);
        assertFalse(said.get(3).isBlank());
        assertFalse(said.get(3).contains("its promises do not hold"), said.get(3));
    }
}
