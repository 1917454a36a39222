package dev.demur.cli;

import picocli.CommandLine.Model.CommandSpec;

/** One command of the program. */
interface Command {

    /** What is typed. */
    String name();

    /** Its options and help, without the ones that every command has. */
    CommandSpec spec();

    /**
     * Runs it.
     *
     * @return the exit status
     * @throws UsageException if the arguments are wrong
     * @throws RuntimeException if it fails; the message is shown as one line
     */
    int run(Arguments arguments, Terminal terminal);
}
