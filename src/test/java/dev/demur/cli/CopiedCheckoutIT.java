package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.bindings.JavaProcess;
import dev.demur.suites.EveryJava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./demur} in a copy of the checkout whose files have other times, as a container's image has it. */
@EveryJava
class CopiedCheckoutIT {

    @TempDir
    Path folder;

    @Test
    void a_copied_checkout_runs_and_says_nothing_of_it() throws IOException, InterruptedException {
        Path copy = copy("a copy");
        String model = Path.of("models/demur-tiny.gguf").toAbsolutePath().toString();
        for (List<String> arguments : List.of(
                List.of("--version"),
                List.of("inspect", model),
                List.of("ask", "--json", "--max-tokens", "1", "--model", model, "Hello"))) {
            JavaProcess run = demur(copy, arguments);
            assertEquals(0, run.status(), run::toString);
            assertEquals("", run.err(), arguments::toString);
            assertTrue(!run.out().isBlank(), arguments::toString);
        }
    }

    @Test
    void a_folder_that_java_reads_no_resources_from_is_told_in_a_sentence() throws IOException, InterruptedException {
        Path copy = copy("wow!");
        JavaProcess run = demur(copy, List.of("--version"));
        assertEquals(1, run.status(), run::toString);
        assertEquals(1, run.err().lines().count(), run::toString);
        assertTrue(run.err().contains(copy.toRealPath() + ": move"), run::toString);
        assertEquals(
                "demur",
                demur(copy("wow!not at the end"), List.of("--version")).out().substring(0, 5));
    }

    private JavaProcess demur(Path checkout, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("./demur"));
        command.addAll(arguments);
        return JavaProcess.run(
                checkout, Map.of("DEMUR_JAVA_OPTS", "-Ddemur.native.dir=" + folder.resolve("cache")), command);
    }

    /** What the launcher runs, and of the sources that there are some, older than that. */
    private Path copy(String name) throws IOException {
        Path copy = Files.createDirectory(folder.resolve(name));
        for (String sources : List.of("src/main", "native/src", "native/include")) {
            Files.createDirectories(copy.resolve(sources));
        }
        Files.createFile(copy.resolve("pom.xml"));
        Files.createFile(copy.resolve("native/CMakeLists.txt"));
        copyAll(Path.of("src/build"), copy.resolve("src/build"));
        Files.copy(Path.of("demur"), copy.resolve("demur"), StandardCopyOption.COPY_ATTRIBUTES);
        Path application = copy.resolve("target/app");
        copyAll(Path.of("target/app"), application);
        Files.setLastModifiedTime(application.resolve("complete"), FileTime.from(Instant.now()));
        return copy;
    }

    /** With the times of now. */
    private static void copyAll(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copied = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copied);
                } else {
                    Files.copy(file, copied);
                }
            }
        }
    }
}
