package dev.demur.cli.options;

import dev.demur.DemurException;
import dev.demur.bindings.Settings;
import dev.demur.cli.terminal.Terminal;
import dev.demur.cli.terminal.Text;
import java.io.PrintWriter;
import java.io.StringWriter;

/** Turns what went wrong into one line on standard error and an exit status. */
public final class Failure {

    private Failure() {}

    /**
     * Reports it, as {@link #show} does.
     *
     * @param program what was run, as {@code demur ask}
     * @return the exit status
     */
    public static int report(Throwable failure, String program, Terminal terminal) {
        if (failure instanceof Terminal.OutputException output && output.readerIsGone()) {
            return ExitStatus.OUTPUT_CLOSED;
        }
        boolean usage = failure instanceof UsageException;
        show(failure, usage ? " (see " + program + " --help)" : "", terminal);
        return usage ? ExitStatus.USAGE : ExitStatus.FAILURE;
    }

    /**
     * Shows it in a line. The stack trace follows if it is an error of the program, and with {@code DEMUR_DEBUG} (or {@code
     * demur.debug}) set.
     */
    public static void show(Throwable failure, Terminal terminal) {
        show(failure, "", terminal);
    }

    private static void show(Throwable failure, String help, Terminal terminal) {
        terminal.error("demur: " + Text.oneLine(message(failure)) + help);
        if (!isForeseen(failure) || Settings.get("demur.debug") != null) {
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));
            terminal.error(trace.toString());
        }
    }

    /** Whether a person can do something about it: everything else is an error of the program. */
    private static boolean isForeseen(Throwable failure) {
        return failure instanceof DemurException
                || failure instanceof UsageException
                || failure instanceof OutOfMemoryError;
    }

    /** What a person is told of it; may be several lines. */
    public static String message(Throwable failure) {
        if (failure instanceof OutOfMemoryError) {
            return "the Java heap is too small (" + failure.getMessage() + "): give the JVM more by"
                    + " JAVA_TOOL_OPTIONS=-Xmx2g";
        }
        if (isForeseen(failure) && failure.getMessage() != null) {
            return OptionNames.in(failure.getMessage());
        }
        return "unexpected " + failure + ": this is an error of Demur, please report it";
    }
}
