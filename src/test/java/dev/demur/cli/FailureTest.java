package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.options.Failure;
import dev.demur.cli.options.UsageException;
import dev.demur.cli.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose fault a failure is: what a person can mend is told in a line, an error of the program with its stack trace. */
class FailureTest {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int report(Throwable failure) {
        Terminal terminal = new Terminal(
                new ByteArrayInputStream(new byte[0]),
                CommandRun.plain(new ByteArrayOutputStream()),
                CommandRun.plain(err));
        return Failure.report(failure, "demur ask", terminal);
    }

    private List<String> lines() {
        return err.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void what_demur_could_not_do_is_one_line() {
        assertEquals(ExitStatus.FAILURE, report(new DemurException("m.gguf: there is no such file")));
        assertEquals(List.of("demur: m.gguf: there is no such file"), lines());
    }

    @Test
    void wrong_usage_is_one_line_that_names_the_help() {
        assertEquals(ExitStatus.USAGE, report(new UsageException("--tau is 'x'")));
        assertEquals(List.of("demur: --tau is 'x' (see demur ask --help)"), lines());
    }

    @Test
    void every_other_exception_is_an_error_of_the_program_and_shows_where() {
        assertEquals(ExitStatus.FAILURE, report(new IllegalArgumentException("threads is -1")));
        assertTrue(lines().get(0).startsWith("demur: unexpected java.lang.IllegalArgumentException: threads is -1: "));
        assertTrue(
                lines().stream().anyMatch(line -> line.contains("at dev.demur.cli.FailureTest.")),
                () -> String.join("\n", lines()));
    }
}
