package dev.demur.cli;

import dev.demur.bindings.NativeLoadException;
import dev.demur.bindings.Settings;
import dev.demur.llama.LlamaException;
import java.io.PrintWriter;
import java.io.StringWriter;

/** Turns what went wrong into one line on standard error and an exit status. */
final class Failure {

    private Failure() {}

    /**
     * Reports it; with {@code DEMUR_DEBUG} (or {@code demur.debug}) set, the stack trace follows.
     *
     * @param program what was run, as {@code demur ask}
     * @return the exit status
     */
    static int report(Throwable failure, String program, Terminal terminal) {
        if (failure instanceof Terminal.OutputException output && output.readerIsGone()) {
            return ExitStatus.OUTPUT_CLOSED;
        }
        String help = failure instanceof UsageException ? " (see " + program + " --help)" : "";
        terminal.error("demur: " + Text.oneLine(message(failure)) + help);
        if (Settings.get("demur.debug") != null) {
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));
            terminal.error(trace.toString());
        }
        return failure instanceof UsageException ? ExitStatus.USAGE : ExitStatus.FAILURE;
    }

    /** What a person is told of it; may be several lines. */
    static String message(Throwable failure) {
        if (failure instanceof OutOfMemoryError) {
            return "the Java heap is too small (" + failure.getMessage() + "): give the JVM more by"
                    + " JAVA_TOOL_OPTIONS=-Xmx2g";
        }
        boolean foreseen = failure instanceof UsageException
                || failure instanceof IllegalArgumentException
                || failure instanceof LlamaException
                || failure instanceof NativeLoadException
                || failure instanceof Terminal.OutputException;
        if (foreseen && failure.getMessage() != null) {
            return OptionNames.in(failure.getMessage());
        }
        return "unexpected " + failure + ": run again with DEMUR_DEBUG=1 for the stack trace, and report it";
    }
}
