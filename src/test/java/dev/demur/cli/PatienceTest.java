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
import org.junit.jupiter.api.Test;

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
        try (Patience patience = new Patience(terminal(true))) {
            patience.begin("loading");
            patience.end();
            patience.begin("thinking");
        }
        assertEquals("", shown());
    }

    @Test
    void a_long_silence_is_filled_and_the_line_is_empty_when_it_ends() throws InterruptedException {
        Patience patience = new Patience(terminal(true));
        patience.begin("thinking");
        for (int i = 0; i < 1000 && !shown().contains("thinking.."); i++) {
            Thread.sleep(20);
        }
        patience.end();
        String text = shown();
        assertTrue(text.startsWith("\rthinking.\rthinking.."), text);
        assertTrue(text.endsWith(" ".repeat(10) + "\r"), text);
        Thread.sleep(600);
        assertEquals(text, shown(), "it goes on after its end");
    }

    @Test
    void where_nobody_looks_nothing_is_shown() throws InterruptedException {
        try (Patience patience = new Patience(terminal(false))) {
            patience.begin("thinking");
            Thread.sleep(900);
        }
        assertEquals("", shown());
    }
}
