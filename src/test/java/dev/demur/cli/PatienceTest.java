package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.cli.terminal.Patience;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(1800)
class PatienceTest {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private Terminal terminal(boolean isTerminal) {
        return new Terminal(
                new ByteArrayInputStream(new byte[0]),
                output(new ByteArrayOutputStream(), isTerminal),
                output(err, isTerminal));
    }

    private static Terminal.Output output(OutputStream stream, boolean isTerminal) {
        return new Terminal.Output(stream, StandardCharsets.UTF_8, isTerminal, new Style(false, true));
    }

    private String shown() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void what_is_over_soon_shows_nothing() {
        try (Patience patience = new Patience(terminal(true), TimeUnit.DAYS.toNanos(1), 1)) {
            patience.begin("loading");
            patience.end();
            patience.begin("thinking");
        }
        assertEquals("", shown());
    }

    @Test
    void a_long_silence_is_filled_and_the_line_is_empty_when_it_ends() throws InterruptedException {
        Patience patience = new Patience(terminal(true), 1_000_000, 1_000_000);
        patience.begin("thinking");
        while (!shown().contains("thinking..")) {
            Thread.sleep(1);
        }
        patience.end();
        String text = shown();
        assertTrue(text.startsWith("\rthinking.\rthinking.."), text);
        assertTrue(text.endsWith(" ".repeat(10) + "\r"), text);
        Thread.sleep(100);
        assertEquals(text, shown(), "it goes on after its end");
    }

    @Test
    void where_nobody_looks_nothing_is_shown() throws InterruptedException {
        try (Patience patience = new Patience(terminal(false), 1_000_000, 1_000_000)) {
            patience.begin("thinking");
            Thread.sleep(100);
        }
        assertEquals("", shown());
    }
}
