package dev.demur.cli.terminal;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Shows a person at a terminal that something is still going on, once that takes a while: a line on standard error that
 * moves, and goes when there is something to say. Elsewhere it shows nothing. What it is told comes from one thread.
 */
public final class Patience implements AutoCloseable {

    private static final long FIRST_NANOS = 700_000_000;
    private static final long STEP_NANOS = 400_000_000;
    private static final int MOST_DOTS = 3;

    private final Terminal terminal;
    private final long firstNanos;
    private final long stepNanos;
    private final Object lock = new Object();
    private @Nullable Object current; // what is waited for now; under the lock, as is the next
    private int shown; // characters that stand on the line

    public Patience(Terminal terminal) {
        this(terminal, FIRST_NANOS, STEP_NANOS);
    }

    /**
     * As told.
     *
     * @param firstNanos what takes less is not shown
     * @param stepNanos from one movement of the line to the next
     */
    public Patience(Terminal terminal, long firstNanos, long stepNanos) {
        this.terminal = terminal;
        this.firstNanos = firstNanos;
        this.stepNanos = stepNanos;
    }

    /** Something begins that may take long. */
    public void begin(String what) {
        if (!terminal.showsProgress()) {
            return;
        }
        end();
        Object mine = new Object();
        synchronized (lock) {
            current = mine;
        }
        Thread thread = new Thread(() -> show(mine, Text.oneLine(what)), "demur-patience");
        thread.setDaemon(true);
        thread.start();
    }

    /** Something is to be written, or the work has ended: nothing is shown any more when this returns. */
    public void end() {
        synchronized (lock) {
            current = null;
            lock.notifyAll();
            if (shown > 0) {
                terminal.errorText("\r" + " ".repeat(shown) + "\r");
                shown = 0;
            }
        }
    }

    private void show(Object mine, String what) {
        synchronized (lock) {
            int dots = 0;
            long at = System.nanoTime() + firstNanos;
            while (current == mine) {
                long left = at - System.nanoTime();
                if (left > 0) {
                    try {
                        TimeUnit.NANOSECONDS.timedWait(lock, left);
                    } catch (InterruptedException e) {
                        return; // nobody does that, and it would mean to end
                    }
                    continue;
                }
                dots = dots % MOST_DOTS + 1;
                String line = what + ".".repeat(dots);
                terminal.errorText(
                        "\r" + terminal.errStyle().dim(line) + " ".repeat(Math.max(0, shown - line.length())));
                shown = Math.max(shown, line.length());
                at += stepNanos;
            }
        }
    }

    @Override
    public void close() {
        end();
    }
}
