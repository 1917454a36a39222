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
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./demur} in a copy of the checkout whose files have other times, as a container's image has it. */
@EveryJava
class CopiedCheckoutIT {

    /** Those of {@code src/build} that make a part of {@code target/app}. */
    private static final Set<String> APPLICATION_SCRIPTS =
            Set.of("assemble", "begin", "fresh-cache", "jdk.sh", "keep-times", "native");

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

    @Test
    void only_what_the_application_is_built_from_makes_a_newer_build_necessary()
            throws IOException, InterruptedException {
        Path copy = copy("a copy");
        FileTime built = Files.getLastModifiedTime(copy.resolve("target/app/complete"));
        try (Stream<Path> scripts = Files.walk(copy.resolve("src/build"))) {
            for (Path script : scripts.toList()) {
                Path name = copy.resolve("src/build").relativize(script);
                newer(script, built, !APPLICATION_SCRIPTS.contains(name.toString()));
            }
        }
        for (String other : List.of("native", "src", "target", ".", "demur")) {
            newer(copy.resolve(other), built, true);
        }
        Files.createFile(copy.resolve("src/main/Source.java"));
        Files.createFile(copy.resolve("native/src/source.c"));
        Files.createFile(copy.resolve("native/include/source.h"));
        for (String part : List.of(
                "pom.xml",
                "src/main",
                "src/main/Source.java",
                "native/CMakeLists.txt",
                "native/src/source.c",
                "native/include/source.h")) {
            for (String made : List.of("src/main", "native/src", "native/include")) {
                Files.setLastModifiedTime(copy.resolve(made), built);
            }
            newer(copy.resolve(part), built, false);
        }
    }

    /** Whether {@code ./demur} still takes its build for good with {@code file} newer than that; then the file is as old. */
    private static void newer(Path file, FileTime built, boolean good) throws IOException, InterruptedException {
        Path checkout = file;
        while (!Files.exists(checkout.resolve("target/app/complete"))) {
            checkout = checkout.getParent();
        }
        Files.setLastModifiedTime(file, FileTime.from(built.toInstant().plusSeconds(5)));
        JavaProcess run = JavaProcess.run(
                checkout, Map.of(), List.of("bash", "-c", ". src/build/fresh.sh && up_to_date \"$PWD\""));
        assertEquals(good, run.status() == 0, () -> file + ": " + run);
        assertEquals("", run.err(), file::toString);
        Files.setLastModifiedTime(file, built);
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
