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
    void a_terminal_sees_a_bar_with_count_rate_and_time_left_that_is_written_over() throws InterruptedException {
        Progress progress = new Progress(terminal(true), 4);
        progress.step(false);
        assertEquals("", shown(), "nothing is shown at once");
        Thread.sleep(120);
        progress.step(true);
        assertTrue(
                shown().matches("\r#{16} {16} 50% 2 of 4, \\d+(\\.\\d)? a second, \\d+\\.\\d s left"), () -> shown());
        int width = shown().length() - 1;
        progress.clear();
        assertTrue(shown().endsWith("\r" + " ".repeat(width) + "\r"), () -> shown());
        progress.clear();
        assertEquals(2 * width + 3, shown().length());
    }

    @Test
    void what_is_no_terminal_sees_nothing() throws InterruptedException {
        Progress progress = new Progress(terminal(false), 2);
        Thread.sleep(120);
        progress.step(true);
        progress.clear();
        assertEquals("", shown());
        assertTrue(progress.summary().matches("\\d+\\.\\d s, \\d+(\\.\\d)? a second"), progress::summary);
    }
}
