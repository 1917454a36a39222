package dev.demur.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.bindings.JavaProcess;
import dev.demur.policy.PolicyFile;
import dev.demur.suites.Repetitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of README, tutorial and command line, run by the packaged application, and the README's program: they work,
 * and write what the pages show.
 */
class ReadmeIT {

    private static final Path README = Path.of("README.md");
    private static final int MOST_PROMPTS = Repetitions.of(60, Integer.MAX_VALUE);
    private static final Pattern ADDRESS = Pattern.compile("demur-small answers at http://127\\.0\\.0\\.1:(\\d+)/v1");

    @TempDir
    private Path folder;

    @Test
    void the_readme_s_commands_work() throws IOException, InterruptedException {
        List<String> outputs = new Shell(folder).run(Page.read(README));
        assertEquals(1, outputs.size());
        assertTrue(outputs.get(0).contains("respond"), outputs.get(0));
    }

    @Test
    void the_readme_s_program_prints_what_stands_below_it() throws IOException, InterruptedException {
        List<Page.Block> blocks = Page.read(README).blocks();
        int program = blocks.stream().map(Page.Block::language).toList().indexOf("java");
        Snippet snippet = Snippet.of(blocks.get(program).text());
        assertEquals("", snippet.compile(folder));
        List<String> command = new ArrayList<>(
                List.of(JavaProcess.java(), "-XX:+IgnoreUnrecognizedVMOptions", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(JavaProcess.settings("demur.binding", "demur.native.dir"));
        command.addAll(List.of(
                "-cp", folder + System.getProperty("path.separator") + JavaProcess.classPath(), snippet.name()));
        Path out = folder.resolve("out.txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve("err.txt").toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> Objects.toString(folder));
        String shown = blocks.get(program + 1).text();
        String printed = Files.readString(out);
        assertTrue(ShownOutput.matches(shown, printed), printed);
    }

    @Test
    void the_tutorial_ends_with_a_policy_that_promises_something() throws IOException, InterruptedException {
        Shell shell = new Shell(folder);
        // What the commands do does not depend on how many prompts there are, and their time does.
        Path prompts = folder.resolve("examples").resolve("prompts.jsonl");
        Files.write(
                prompts,
                Files.readAllLines(prompts).stream().limit(MOST_PROMPTS).toList());
        List<String> outputs = shell.run(Page.read(Path.of("docs", "TUTORIAL.md")));
        assertEquals(8, outputs.size());
        assertNotNull(Objects.requireNonNull(
                        PolicyFile.read(folder.resolve("policy.json")).calibration())
                .statement());
        String last = outputs.get(7);
        assertFalse(last.contains("promises do not hold"), last);
    }

    @Test
    void the_commands_for_calibrating_do_what_the_text_below_them_says() throws IOException, InterruptedException {
        // What these commands do does not depend on the model, and their time does: the tiny one is the only one there.
        Path models = Files.createDirectories(folder.resolve("home").resolve("models"));
        Files.createSymbolicLink(
                models.resolve("demur-tiny.gguf"),
                Path.of("models", "demur-tiny.gguf").toAbsolutePath());
        Shell shell = new Shell(folder, models.getParent());
        List<String> outputs = shell.run(Page.read(Path.of("docs", "COMMAND_LINE.md")));
        String said = String.join("\n", outputs);
        assertTrue(said.contains("confidence"), said);
        assertTrue(said.contains("was calibrated on these very prompts"), said);
        String page = Files.readString(folder.resolve("report").resolve("report.html"));
        assertTrue(page.contains("<svg"), page);
        assertFalse(said.contains("its promises do not hold"), said);
    }

    @Test
    void the_server_s_page_shows_what_curl_gets() throws IOException, InterruptedException {
        Path said = folder.resolve("server.txt");
        Shell shell = new Shell(folder);
        Process server = shell.start(said, "serve", "--port", "0", "--access-log", "none");
        try {
            Matcher address = ADDRESS.matcher("");
            while (!address.reset(Files.readString(said)).find()) {
                assertTrue(server.isAlive(), Files.readString(said));
                Thread.sleep(50);
            }
            Path page = Path.of("docs", "SERVER.md");
            String text = Files.readString(page);
            String shown = address.group().replaceFirst(":\\d+/v1", ":8080/v1");
            assertTrue(text.contains(shown), shown);
            Path copy = folder.resolve("SERVER.md");
            Files.writeString(copy, text.replace("127.0.0.1:8080", "127.0.0.1:" + address.group(1)));
            assertEquals(3, shell.run(Page.read(copy)).size());
        } finally {
            server.destroy();
            server.waitFor();
        }
    }
}
