package dev.demur.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One command line, run in this JVM with streams that are no terminal. */
record CommandRun(int status, String out, String err) {

    static CommandRun of(String... args) {
        return withInput(new byte[0], args);
    }

    static CommandRun withInput(byte[] input, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(args, new Terminal(new ByteArrayInputStream(input), plain(out), plain(err)));
        return new CommandRun(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    static Terminal.Output plain(OutputStream stream) {
        return new Terminal.Output(stream, StandardCharsets.UTF_8, false, new Style(false, true));
    }

    List<String> errLines() {
        return err.lines().toList();
    }
}
