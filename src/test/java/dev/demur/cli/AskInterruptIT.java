package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.bindings.JavaProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C while {@code ask} writes an answer, or {@code chat} to a line from a pipe, in a process of its own. */
@Timeout(1800)
class AskInterruptIT {

    private static final long PATIENCE_MILLIS = TimeUnit.MINUTES.toMillis(30);

    @TempDir
    private Path folder;

    private static final List<String> ASK = List.of("ask", "Hello");
    private static final List<String> CHAT = List.of("chat");

    @Test
    void an_interrupt_ends_the_answer_with_its_line_and_status_130() throws Exception {
        assertEndsAfter("INT", 130, ASK);
    }

    @Test
    void an_interrupt_ends_a_chat_from_a_pipe_the_same_way_and_it_answers_no_further_line() throws Exception {
        assertEndsAfter("INT", 130, CHAT);
        String told = Files.readString(folder.resolve("err.txt"));
        assertEquals(told.indexOf("(interrupted)"), told.lastIndexOf("(interrupted)"), told);
        assertTrue(told.contains("(interrupted)"), told);
    }

    @Test
    void a_request_to_end_does_so_with_the_status_of_that_signal() throws Exception {
        assertEndsAfter("TERM", 143, ASK);
    }

    private void assertEndsAfter(String signal, int status, List<String> command) throws Exception {
        Path err = folder.resolve("err.txt");
        Process process = start(command, err);
        InputStream out = process.getInputStream();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int first = out.read(); // of an answer that is longer than what a pipe holds: it waits for its reader
        assertTrue(first >= 0, Files.readString(err));
        all.write(first);
        assertTrue(process.isAlive(), Files.readString(err));
        assertEquals(
                0,
                new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                        .start()
                        .waitFor());
        out.transferTo(all);
        boolean ended = process.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        process.destroyForcibly();
        assertTrue(ended, "it went on");
        assertEquals(status, process.exitValue(), Files.readString(err));
        byte[] text = all.toByteArray();
        assertEquals('\n', text[text.length - 1], new String(text, StandardCharsets.UTF_8));
        // The context is long on purpose.
        assertTrue(
                Files.readString(err)
                                .replace("demur: warning: --ctx 100000", "")
                                .indexOf("demur: ")
                        < 0,
                Files.readString(err));
    }

    /** An answer that does not end by itself; env undoes that a shell's background jobs ignore interrupts. */
    private static Process start(List<String> what, Path err) throws IOException {
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JavaProcess.SHORT_LIVED);
        for (String name : List.of("demur.binding", "demur.native.dir")) {
            if (System.getProperty(name) != null) {
                command.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        command.addAll(List.of("-XX:+IgnoreUnrecognizedVMOptions", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(what);
        command.addAll(List.of("--model", "models/demur-tiny.gguf", "--threads", "1", "--ctx", "100000"));
        Path endless = Files.writeString(err.resolveSibling("endless.gbnf"), "root ::= [a-z ] root\n");
        command.addAll(List.of("--temperature", "1000000", "--max-tokens", "1000000"));
        command.addAll(List.of("--grammar", endless.toString()));
        Path in = Files.writeString(err.resolveSibling("in.txt"), "Hello\nAnd again\n");
        return new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectError(err.toFile())
                .start();
    }
}
