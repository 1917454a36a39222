package dev.demur.cli.options;

/** What the program tells its caller in a number. */
public final class ExitStatus {

    /** Done; a refusal is a success. */
    public static final int SUCCESS = 0;

    /** Something failed: a file, a library, the machine. */
    public static final int FAILURE = 1;

    /** The command line is wrong. */
    public static final int USAGE = 2;

    /** {@code monitor} found a promise broken. */
    public static final int ALARM = 3;

    /** {@code monitor} found no promise broken, and drift. */
    public static final int DRIFT = 4;

    /** Interrupted by Ctrl-C, as a shell reports it for any program (128 + SIGINT). */
    public static final int INTERRUPTED = 130;

    /** Whoever read the output has gone away, as a shell reports it for any program (128 + SIGPIPE). */
    public static final int OUTPUT_CLOSED = 141;

    private ExitStatus() {}
}
