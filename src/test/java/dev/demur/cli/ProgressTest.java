package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.cli.terminal.Progress;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private long now = 1_000_000_000;

    private Terminal terminal(boolean isTerminal) {
        Terminal.Output out = new Terminal.Output(
                new ByteArrayOutputStream(), StandardCharsets.UTF_8, isTerminal, new Style(false, false));
        return new Terminal(
                new ByteArrayInputStream(new byte[0]),
                out,
                new Terminal.Output(err, StandardCharsets.UTF_8, isTerminal, new Style(false, false)));
    }

    private String shown() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_terminal_sees_a_bar_with_count_rate_and_time_left_that_is_written_over() {
        Progress progress = new Progress(terminal(true), 4, () -> now);
        progress.step(false);
        assertEquals("", shown(), "nothing is shown at once");
        now += 500_000_000;
        progress.step(true);
        assertEquals("\r" + "#".repeat(16) + " ".repeat(16) + " 50% 2 of 4, 2.0 a second, 1.0 s left", shown());
        int width = shown().length() - 1;
        progress.clear();
        assertTrue(shown().endsWith("\r" + " ".repeat(width) + "\r"), () -> shown());
        progress.clear();
        assertEquals(2 * width + 3, shown().length());
    }

    @Test
    void what_is_no_terminal_sees_nothing() {
        Progress progress = new Progress(terminal(false), 2, () -> now);
        now += 500_000_000;
        progress.step(true);
        progress.clear();
        assertEquals("", shown());
        assertEquals("0.5 s, 2.0 a second", progress.summary());
    }
}
