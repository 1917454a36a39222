package dev.demur.cli;

/** What the program tells its caller in a number. */
final class ExitStatus {

    /** Done; a refusal is a success. */
    static final int SUCCESS = 0;

    /** Something failed: a file, a library, the machine. */
    static final int FAILURE = 1;

    /** The command line is wrong. */
    static final int USAGE = 2;

    /** {@code monitor} found a promise broken. */
    static final int ALARM = 3;

    /** {@code monitor} found no promise broken, and drift. */
    static final int DRIFT = 4;

    /** Interrupted by Ctrl-C, as a shell reports it for any program (128 + SIGINT). */
    static final int INTERRUPTED = 130;

    /** Whoever read the output has gone away, as a shell reports it for any program (128 + SIGPIPE). */
    static final int OUTPUT_CLOSED = 141;

    private ExitStatus() {}
}
