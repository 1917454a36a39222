package dev.demur.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.bindings.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program and the commands of the page on monitoring. */
class MonitoringIT {

    private static final Path PAGE = Path.of("docs", "MONITORING.md");

    @TempDir
    private Path folder;

    @Test
    void the_program_prints_what_stands_below_it_and_leaves_its_file() throws IOException, InterruptedException {
        List<Page.Block> blocks = Page.read(PAGE).blocks();
        int program = blocks.stream().map(Page.Block::language).toList().indexOf("java");
        Snippet snippet = Snippet.of(blocks.get(program).text());
        assertEquals("", snippet.compile(folder));
        Files.createSymbolicLink(folder.resolve("models"), Path.of("models").toAbsolutePath());
        List<String> command = new ArrayList<>(
                List.of(JavaProcess.java(), "-XX:+IgnoreUnrecognizedVMOptions", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(JavaProcess.settings("demur.binding", "demur.native.dir"));
        command.addAll(List.of(
                "-cp", folder + System.getProperty("path.separator") + JavaProcess.classPath(), snippet.name()));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertEquals(0, process.waitFor(), Files.readString(err));
        assertEquals(
                blocks.get(program + 1).text().strip(), Files.readString(out).strip());
        assertTrue(Files.readString(folder.resolve("monitor.json")).contains("\"labels\": 1,"));
    }

    @Test
    void the_commands_do_what_the_text_below_them_says() throws IOException, InterruptedException {
        // What they show does not depend on the model but in its numbers, and their time does.
        Path models = Files.createDirectories(folder.resolve("home").resolve("models"));
        Files.createSymbolicLink(
                models.resolve("demur-tiny.gguf"),
                Path.of("models", "demur-tiny.gguf").toAbsolutePath());
        List<String> outputs = new Shell(folder, models.getParent()).run(Page.read(PAGE));
        assertEquals(1, outputs.size());
        assertTrue(outputs.get(0).contains("No alarm."), outputs.get(0));
    }
}
