package dev.demur.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Lets the process end only when no thread is in native code, where it is told to end (Ctrl-C, SIGTERM). As the process exits
 * the C library destroys what llama.cpp keeps in static variables, and a thread that still loads a model or decodes then
 * crashes it: seen once in eighteen tries, with the JVM's report of it left in the working directory.
 */
final class Ending implements AutoCloseable {

    private static final long PATIENCE_MILLIS = 10_000;
    private static final long POLL_MILLIS = 20;

    /** A thread that goes from one native call to the next is for a moment in none. */
    private static final int ENOUGH_POLLS = 3;

    private static final String NATIVE = "dev.demur.bindings.";

    private final Thread worker;
    private final boolean interrupts;
    private final Predicate<Thread> isInNative;
    private final long patienceMillis;
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = new Thread(this::end, "demur-ending");

    /**
     * As {@link #watch}, which has it run as the process ends.
     *
     * @param patienceMillis how long a thread may stay in native code
     */
    Ending(Thread worker, boolean interrupts, Predicate<Thread> isInNative, long patienceMillis) {
        this.worker = worker;
        this.interrupts = interrupts;
        this.isInNative = isInNative;
        this.patienceMillis = patienceMillis;
    }

    /**
     * Watches until it is closed.
     *
     * @param worker runs the command
     * @param interrupts whether an interrupt of that thread ends the command, which else has a way of its own to be ended
     */
    static Ending watch(Thread worker, boolean interrupts) {
        Ending ending = new Ending(worker, interrupts, Ending::isInNative, PATIENCE_MILLIS);
        try {
            Runtime.getRuntime().addShutdownHook(ending.hook);
        } catch (IllegalStateException e) {
            worker.interrupt(); // the process is ending already
        }
        return ending;
    }

    private static boolean isInNative(Thread thread) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getClassName().startsWith(NATIVE)) {
                return true;
            }
        }
        return false;
    }

    /** Returns when the process may end. */
    void end() {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        if (interrupts) {
            worker.interrupt();
        }
        try {
            int polls = 0;
            while (polls < ENOUGH_POLLS && System.nanoTime() < deadline) {
                if (done.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
                polls = isAnyInNative() ? 0 : polls + 1;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the process ends now
        }
    }

    private boolean isAnyInNative() {
        return Thread.getAllStackTraces().keySet().stream().anyMatch(isInNative);
    }

    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the process is ending, and the hook with it
        }
    }
}
