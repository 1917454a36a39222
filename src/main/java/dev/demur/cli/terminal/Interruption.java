package dev.demur.cli.terminal;

import dev.demur.llama.Cancellation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends a command cleanly when the process is told to end (Ctrl-C, SIGTERM): cancels what the command does, and lets the
 * process end when the command has closed what it opened. The JVM then exits with the signal's status, 130 for Ctrl-C.
 */
public final class Interruption implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 10;

    private final Cancellation cancellation = new Cancellation();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = new Thread(this::end, "demur-interruption");

    private final long patienceSeconds;

    private Interruption(long patienceSeconds) {
        this.patienceSeconds = patienceSeconds;
    }

    /** Watches until it is closed. */
    public static Interruption watch() {
        return watch(PATIENCE_SECONDS);
    }

    /**
     * Watches until it is closed.
     *
     * @param patienceSeconds a command that takes longer to end is left behind
     */
    public static Interruption watch(long patienceSeconds) {
        Interruption interruption = new Interruption(patienceSeconds);
        try {
            Runtime.getRuntime().addShutdownHook(interruption.hook);
        } catch (IllegalStateException e) {
            interruption.cancellation.cancel(); // the process is ending already
        }
        return interruption;
    }

    private void end() {
        cancellation.cancel();
        try {
            closed.await(patienceSeconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the process ends now
        }
    }

    /** To be passed to what the command does. */
    public Cancellation cancellation() {
        return cancellation;
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the process is ending, and the hook with it
        }
    }
}
