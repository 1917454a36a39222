package dev.demur.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.bindings.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A folder in which a page's commands run: it has the examples and a {@code ./demur} that starts the packaged application. */
final class Shell {

    private static final Path APPLICATION = Path.of("target", "app", "start.jar");
    private static final Pattern EXIT = Pattern.compile("exit status (\\d+)");
    private static final String NOT_RUN = "not run by the tests: ";

    private final Path folder;

    /** One that takes the checkout's default model. */
    Shell(Path folder) throws IOException {
        this(folder, Path.of(""));
    }

    /**
     * One that takes the default model of another folder.
     *
     * @param home the folder with {@code models/}
     */
    Shell(Path folder, Path home) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder.resolve("examples"));
        Files.copy(
                Path.of("examples", "prompts.jsonl"), folder.resolve("examples").resolve("prompts.jsonl"));
        List<String> words = new ArrayList<>(List.of("exec", quoted(JavaProcess.java()), "-Xlog:disable"));
        words.addAll(JavaProcess.SHORT_LIVED);
        words.add(quoted("-Ddemur.home=" + home.toAbsolutePath()));
        JavaProcess.settings("demur.binding", "demur.native.dir").forEach(option -> words.add(quoted(option)));
        words.addAll(List.of("-jar", quoted(APPLICATION.toAbsolutePath().toString()), "\"$@\""));
        Path launcher = folder.resolve("demur");
        // As ./demur has it, so that threads that wait do not spin.
        Files.writeString(launcher, "#!/bin/sh\n" + String.join(" ", words) + "\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /**
     * Runs every {@code sh} block of a page, one after another, and compares what it writes with the {@code text} block
     * behind it. A note before the block says which exit status other than 0 it has, or why it cannot be run.
     *
     * @return what each block that was run wrote
     */
    List<String> run(Page page) throws IOException, InterruptedException {
        List<String> outputs = new ArrayList<>();
        boolean ran = false;
        for (Page.Block block : page.blocks()) {
            String place = page.file() + ":" + block.line();
            if (block.language().equals("sh")) {
                ran = !block.note().startsWith(NOT_RUN);
                if (ran) {
                    outputs.add(run(block, place));
                }
            } else if (block.language().equals("text") && ran) {
                String written = outputs.get(outputs.size() - 1);
                assertTrue(
                        ShownOutput.matches(block.text(), written),
                        () -> place + " shows\n" + block.text() + "\nand the commands wrote\n" + written);
                ran = false;
            } else {
                ran = false;
            }
        }
        return outputs;
    }

    /**
     * Starts the application, as {@code ./demur} does.
     *
     * @param output where all that it writes goes
     */
    Process start(Path output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("./demur"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private String run(Page.Block block, String place) throws IOException, InterruptedException {
        var exit = EXIT.matcher(block.note());
        assertTrue(block.note().isEmpty() || exit.matches(), place + ": what does '" + block.note() + "' mean?");
        int expected = block.note().isEmpty() ? 0 : Integer.parseInt(exit.group(1));
        Path out = folder.resolve("out.txt");
        Process process = new ProcessBuilder("bash", "-eu", "-c", block.text())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        process.getOutputStream().close();
        // No limit: how long it takes is the machine's affair, and the build has one for all tests.
        int status;
        try {
            status = process.waitFor();
        } finally {
            process.destroyForcibly();
        }
        String written = Files.readString(out);
        assertEquals(expected, status, place + "\n" + block.text() + "\n" + written);
        return written;
    }
}
