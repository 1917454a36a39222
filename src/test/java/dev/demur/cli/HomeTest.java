package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.bindings.JavaProcess;
import dev.demur.cli.options.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the program says of pages, in a checkout and in a folder that has none. */
class HomeTest {

    @TempDir
    Path folder;

    @Test
    void pages_are_named_where_they_are() throws IOException, InterruptedException {
        String without = help();
        assertTrue(without.contains("POST /v1/chat/completions"), without);
        assertFalse(without.contains("docs/"), without);
        Files.createDirectories(folder.resolve("docs"));
        Files.createFile(folder.resolve("docs/SERVER.md"));
        assertTrue(help().contains("docs/SERVER.md tells more."));
    }

    @Test
    void help_speaks_of_no_launcher_that_a_packaged_program_lacks() {
        for (Command command : Commands.all()) {
            String help = Main.root(List.of(command))
                    .getSubcommands()
                    .get(command.name())
                    .getUsageMessage();
            assertFalse(help.contains("./demur"), help);
        }
    }

    private String help() throws IOException, InterruptedException {
        JavaProcess run = JavaProcess.run(
                folder,
                Map.of(),
                List.of(
                        JavaProcess.java(),
                        "-cp",
                        JavaProcess.classPath(),
                        "-Ddemur.home=" + folder,
                        Main.class.getName(),
                        "serve",
                        "--help"));
        assertEquals(0, run.status(), run::toString);
        return run.out().replaceAll("\\s+", " ");
    }
}
