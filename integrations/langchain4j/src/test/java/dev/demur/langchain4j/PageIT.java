package dev.demur.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/LANGCHAIN4J.md compile, run, and write what the page says. */
class PageIT {

    private static final Path PAGE = Path.of(System.getProperty("demur.page", "../../docs/LANGCHAIN4J.md"));
    private static final Pattern PROGRAM =
            Pattern.compile("(?ms)^```java (\\w+)\\.java\\n(.*?)^```\\n\\n```text\\n(.*?)^```$");

    @TempDir
    private Path folder;

    private record Program(String name, String source, String output) {}

    private static List<Program> programs() throws IOException {
        List<Program> programs = new ArrayList<>();
        Matcher matcher = PROGRAM.matcher(Files.readString(PAGE));
        while (matcher.find()) {
            programs.add(new Program(matcher.group(1), matcher.group(2), matcher.group(3)));
        }
        return programs;
    }

    @Test
    void the_page_has_a_program_for_each_thing_and_every_program_shows_its_output() throws IOException {
        assertThat(programs())
                .extracting(Program::name)
                .containsExactly("Guard", "Chat", "Moderate", "Decide", "Words");
        assertThat(Files.readString(PAGE).split("```java ", -1))
                .hasSize(programs().size() + 1);
    }

    @TestFactory
    Stream<DynamicTest> each_program_compiles_runs_and_writes_what_the_page_says() throws IOException {
        return programs().stream().map(program -> DynamicTest.dynamicTest(program.name(), () -> run(program)));
    }

    private void run(Program program) throws IOException, InterruptedException {
        Path classes = Files.createDirectories(folder.resolve(program.name()));
        compile(program, classes);
        Path out = folder.resolve(program.name() + ".txt");
        Path errors = folder.resolve(program.name() + ".err");
        String classPath = classes + File.pathSeparator + System.getProperty("java.class.path");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+IgnoreUnrecognizedVMOptions",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-Ddemur.native.dir=" + System.getProperty("demur.native.dir"),
                        "-cp",
                        classPath,
                        program.name())
                .directory(
                        Models.file("").toAbsolutePath().normalize().getParent().toFile())
                .redirectOutput(out.toFile())
                .redirectError(errors.toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
        assertThat(Files.readString(errors)).doesNotContain("Exception", "promises do not hold");
        requireSame(program.output(), Files.readString(out));
    }

    private static void compile(Program program, Path classes) throws IOException {
        Path source = classes.resolve(program.name() + ".java");
        Files.writeString(source, program.source());
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of(
                    "--release",
                    "17",
                    "-proc:none",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "-d",
                    classes.toString());
            boolean compiled = compiler.getTask(messages, files, null, options, null, files.getJavaFileObjects(source))
                    .call();
            assertThat(compiled).as(messages.toString()).isTrue();
        }
    }

    /** Digits behind the point may differ from machine to machine; a line with an ellipsis stands for any lines. */
    private static void requireSame(String expected, String actual) {
        StringBuilder pattern = new StringBuilder();
        for (String line : expected.split("\n")) {
            if (line.equals("…")) {
                pattern.append("(?:.*\n)+?");
                continue;
            }
            int from = 0;
            Matcher number = Pattern.compile("(\\d)\\.\\d+(E-\\d+)?").matcher(line);
            while (number.find()) {
                pattern.append(Pattern.quote(line.substring(from, number.start())))
                        .append("\\d\\.\\d+(?:E-\\d+)?");
                from = number.end();
            }
            pattern.append(Pattern.quote(line.substring(from))).append("\n");
        }
        assertThat(actual).matches(pattern.toString());
    }
}
