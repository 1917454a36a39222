package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.bindings.JavaProcess;
import dev.demur.suites.EveryJava;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code chat} in a real process at a pseudo terminal, which {@code script} of util-linux makes. */
@Timeout(1800)
@EveryJava
class ChatTerminalIT {

    private static final String CTRL_C = "\u0003";
    private static final String CTRL_D = "\u0004";

    @TempDir
    Path folder;

    private Process process;
    private final StringBuilder seen = new StringBuilder();

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    private void start(String term, String locale) throws IOException {
        List<String> java = new ArrayList<>();
        java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        java.addAll(JavaProcess.SHORT_LIVED);
        for (String name : List.of("demur.binding", "demur.native.dir")) {
            if (System.getProperty(name) != null) {
                java.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        java.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        java.addAll(List.of("chat", "--model", "models/demur-tiny.gguf", "--threads", "1"));
        // An answer that goes on for as long as nobody ends it, and cannot end by itself.
        Path endless = Files.writeString(folder.resolve("endless.gbnf"), "root ::= [a-z ] root\n");
        java.addAll(List.of("--temperature", "1000000", "--max-tokens", "1000000", "--ctx", "100000"));
        java.addAll(List.of("--grammar", endless.toString()));
        StringBuilder command = new StringBuilder("stty cols 100 rows 30; exec env --default-signal=INT");
        java.forEach(argument -> command.append(" '").append(argument).append('\''));
        ProcessBuilder builder = new ProcessBuilder("script", "-qec", command.toString(), "/dev/null");
        builder.environment().putAll(Map.of("TERM", term, "LC_ALL", locale, "SHELL", "/bin/sh"));
        process = builder.redirectErrorStream(true).start();
    }

    private void type(String keys) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write(keys.getBytes(StandardCharsets.UTF_8));
        in.flush();
    }

    /** Reads until this text comes, and forgets what came up to its end. */
    private void await(String text) throws IOException {
        InputStream out = process.getInputStream();
        byte[] buffer = new byte[4096];
        while (seen.indexOf(text) < 0) {
            int length = out.read(buffer);
            assertTrue(length >= 0, "the chat ended before it wrote '" + text + "': " + seen);
            seen.append(new String(buffer, 0, length, StandardCharsets.ISO_8859_1));
        }
        seen.delete(0, seen.indexOf(text) + text.length());
    }

    @ParameterizedTest
    @CsvSource({"xterm, C.UTF-8", "xterm, C", "dumb, C.UTF-8"})
    @EnabledOnOs(value = OS.LINUX, disabledReason = "script has other options elsewhere")
    void ctrl_c_ends_an_answer_and_not_the_chat_and_ctrl_d_ends_it(String term, String locale) throws Exception {
        start(term, locale);
        await("> ");
        type("Grüße, Paris in France?\r");
        await("France?");
        await("\n");
        await(" ");
        type(CTRL_C);
        await("(interrupted)");
        await("> ");
        type("/why\r");
        await("unsupported");
        await("> ");
        type("/nothing\r");
        await("there is no command /nothing");
        await("> ");
        type("not sent" + CTRL_C);
        Path saved = folder.resolve("saved.json");
        type("/save " + saved + "\r");
        await("(saved ");
        await("> ");
        assertTrue(Files.readString(saved).contains("\"Grüße, Paris in France?\""), Files.readString(saved));
        type("/help\r");
        await("ends the chat");
        await("> ");
        type(CTRL_D);
        assertTrue(process.waitFor(30, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue());
    }
}
