package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.cli.terminal.Bytes;
import dev.demur.cli.terminal.StandardStreams;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TerminalTest {

    private static OutputStream failing(String reason) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(reason);
            }
        };
    }

    private static CommandRun run(OutputStream out, String... args) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(InputStream.nullInputStream(), CommandRun.plain(out), CommandRun.plain(err));
        int status = Main.run(args, terminal);
        return new CommandRun(status, "", err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void a_reader_that_has_gone_away_ends_the_program_silently() {
        CommandRun run = run(failing("Broken pipe"), "--help");
        assertEquals(141, run.status());
        assertEquals("", run.err());
    }

    @Test
    void a_full_disk_is_a_failure_that_is_told() {
        CommandRun run = run(failing("No space left on device"), "--help");
        assertEquals(1, run.status());
        assertEquals("demur: cannot write to standard output: No space left on device\n", run.err());
    }

    @Test
    void a_closed_standard_error_does_not_end_an_answer() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                InputStream.nullInputStream(), CommandRun.plain(out), CommandRun.plain(failing("Bad file descriptor")));
        terminal.error("gone");
        terminal.print("here");
        assertEquals("here", out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void text_of_a_model_cannot_control_a_terminal_but_reaches_a_pipe_unchanged() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Terminal.Output terminal = new Terminal.Output(out, StandardCharsets.UTF_8, true, Style.PLAIN);
        Terminal shown = new Terminal(InputStream.nullInputStream(), terminal, terminal);
        shown.printText("a\u001b[2J\r\tb\nü");
        assertEquals("a\ufffd[2J\ufffd\tb\nü", out.toString(StandardCharsets.UTF_8));
        ByteArrayOutputStream pipe = new ByteArrayOutputStream();
        new Terminal(InputStream.nullInputStream(), CommandRun.plain(pipe), CommandRun.plain(pipe))
                .printText("a\u001b[2J");
        assertEquals("a\u001b[2J", pipe.toString(StandardCharsets.UTF_8));
    }

    @Test
    void no_color_and_a_dumb_terminal_turn_colours_off() {
        assertTrue(StandardStreams.takesColours(null, "xterm"));
        assertTrue(StandardStreams.takesColours("", "xterm"));
        assertFalse(StandardStreams.takesColours("1", "xterm"));
        assertFalse(StandardStreams.takesColours(null, "dumb"));
        assertFalse(StandardStreams.takesColours(null, null));
    }

    @Test
    void pipes_and_files_are_no_terminals() {
        assertTrue(StandardStreams.isTerminalDevice("/dev/pts/3"));
        assertTrue(StandardStreams.isTerminalDevice("/dev/tty1"));
        assertFalse(StandardStreams.isTerminalDevice("pipe:[123]"));
        assertFalse(StandardStreams.isTerminalDevice("/dev/null"));
        assertFalse(StandardStreams.isTerminalDevice("/tmp/dev/pts/3"));
    }

    @Test
    void the_log_is_off_unless_a_level_is_named() {
        assertEquals(Level.OFF, StderrLoggerFinder.level(null));
        assertEquals(Level.OFF, StderrLoggerFinder.level("loud"));
        assertEquals(Level.DEBUG, StderrLoggerFinder.level("debug"));
        assertFalse(new StderrLogger("x", Level.OFF).isLoggable(Level.ERROR));
        assertTrue(new StderrLogger("x", Level.INFO).isLoggable(Level.WARNING));
        assertFalse(new StderrLogger("x", Level.INFO).isLoggable(Level.DEBUG));
    }

    @Test
    void sizes_are_in_the_largest_unit_that_leaves_at_least_1() {
        assertEquals("0 B", Bytes.text(0));
        assertEquals("1023 B", Bytes.text(1023));
        assertEquals("1.0 KiB", Bytes.text(1024));
        assertEquals("6.7 MiB", Bytes.text(6_996_640));
    }
}
