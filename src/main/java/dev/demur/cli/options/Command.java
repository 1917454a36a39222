package dev.demur.cli.options;

import dev.demur.cli.terminal.Terminal;
import picocli.CommandLine.Model.CommandSpec;

/** One command of the program. */
public interface Command {

    /** What is typed. */
    String name();

    /** Its options and help, without the ones that every command has. */
    CommandSpec spec();

    /** Whether it watches by itself for the end of the process; an interrupt of its thread ends any other. */
    default boolean endsItself() {
        return false;
    }

    /**
     * Runs it.
     *
     * @return the exit status
     * @throws UsageException if the arguments are wrong
     * @throws RuntimeException if it fails; the message is shown as one line
     */
    int run(Arguments arguments, Terminal terminal);
}
