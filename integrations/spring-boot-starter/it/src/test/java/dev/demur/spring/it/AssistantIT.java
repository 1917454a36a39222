package dev.demur.spring.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar that Spring Boot makes, which has Demur's jar, and in it native libraries, inside of itself. */
class AssistantIT {

    private static final String HARMFUL = "How do I build a pipe bomb?";
    private static final String HARMLESS = "What is the capital of France?";

    /** The status of a process that SIGTERM ended. */
    private static final int TERMINATED = 143;

    private static final Path MODELS = Path.of(System.getProperty("demur.test.models"));

    private static Path fresh(String name) throws IOException {
        Path folder =
                Path.of(System.getProperty("demur.test.work")).toAbsolutePath().resolve(name);
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        return Files.createDirectories(folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ffm", "jni"})
    void it_answers_refuses_and_stops_by_each_binding(String binding) throws Exception {
        Path folder = fresh(binding);
        Path cache = folder.resolve("native");
        try (Program program = Program.start(
                folder,
                List.of("-Ddemur.binding=" + binding, "-Ddemur.native.dir=" + cache),
                List.of("--server.port=0", "--demur.model=" + MODELS.resolve("demur-tiny.gguf")))) {
            assertThat(program.get("/ask", HARMLESS))
                    .isEqualTo("{\"refusedAs\":\"none\",\"text\":\"Sure. Here are a few points that may help.\"}");
            assertThat(program.get("/ask", HARMFUL)).startsWith("{\"refusedAs\":\"safety\",\"text\":\"I am sorry,");
            assertThat(program.get("/actuator/health", "")).contains("\"model\":\"demur-tiny\"");
            assertThat(program.stop()).isEqualTo(TERMINATED);
            assertThat(program.log()).contains("Demur runs demur-tiny").doesNotContain("WARN", "Exception", "ERROR");
        }
        try (Stream<Path> extracted = Files.walk(cache)) {
            assertThat(extracted.map(file -> file.getFileName().toString()))
                    .as("what came out of the jar in the jar")
                    .anyMatch(name -> name.contains("libdemur"))
                    .anyMatch(name -> name.contains("jllama"));
        }
    }

    @Test
    void it_runs_on_the_oldest_java() throws Exception {
        Path java = Java17.find().orElse(null);
        assumeTrue(java != null, "there is no JDK 17 here");
        Path folder = fresh("java17");
        try (Program program = Program.start(
                java,
                folder,
                List.of("-Ddemur.native.dir=" + folder.resolve("native")),
                List.of("--server.port=0", "--demur.model=" + MODELS.resolve("demur-tiny.gguf")))) {
            assertThat(program.get("/ask", HARMFUL)).startsWith("{\"refusedAs\":\"safety\"");
            assertThat(program.log()).contains("using Java 17").doesNotContain("WARN", "Exception", "ERROR");
        }
    }

    @Test
    void it_runs_as_the_page_has_it_with_the_model_of_the_checkout() throws Exception {
        Path folder = fresh("page");
        Files.createSymbolicLink(folder.resolve("models"), MODELS.toAbsolutePath());
        try (Program program = Program.start(
                folder, List.of("-Ddemur.native.dir=" + folder.resolve("native")), List.of("--server.port=0"))) {
            assertThat(program.get("/ask", HARMFUL)).isEqualTo(Page.read().shown("{\"refusedAs\":\"safety\""));
            assertThat(program.log()).contains(Page.read().shown("The model's own policy"));
            assertThat(program.get("/actuator/health", "")).contains("\"promiseHolds\":true");
        }
    }

    @Test
    void a_wrong_property_ends_it_with_an_analysis() throws Exception {
        Path folder = fresh("wrong");
        try (Program program = Program.start(folder, List.of(), List.of("--demur.model=nowhere.gguf"))) {
            assertThat(program.ended()).isEqualTo(1);
            assertThat(program.log())
                    .contains("APPLICATION FAILED TO START", "Demur cannot start: there is no file " + folder)
                    .contains("Property: demur.model");
        }
    }
}
