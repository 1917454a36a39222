package dev.demur;

import dev.demur.llama.Cancellation;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The calls to one conversation, which follow one another. Thread-safe. */
final class Session {

    /** How often a call that waits for its turn looks whether it was cancelled. */
    private static final long PATIENCE_MILLIS = 10;

    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean closed;

    /**
     * Waits for the turn of a call, and makes it.
     *
     * @param cancellation ends the wait, as an interrupt of this thread does; null for none
     */
    <T> T inTurn(@Nullable Cancellation cancellation, Supplier<T> call) {
        requireNoListener();
        waitForTurn(cancellation);
        try {
            requireOpen();
            return call.get();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the turn of what takes no time, and runs it. */
    void alone(Runnable change) {
        requireNoListener();
        lock.lock();
        try {
            requireOpen();
            change.run();
        } finally {
            lock.unlock();
        }
    }

    private void requireNoListener() {
        if (lock.isHeldByCurrentThread()) {
            throw new IllegalStateException(
                    "a listener must not ask the conversation that is calling it: ask when it has answered, or in another"
                            + " conversation");
        }
    }

    private void waitForTurn(@Nullable Cancellation cancellation) {
        try {
            do {
                if (cancellation != null) {
                    cancellation.throwIfCancelled("the request");
                }
            } while (!lock.tryLock(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("the request was cancelled: its thread was interrupted");
        }
    }

    /** Throws an {@link IllegalStateException} if this is closed. */
    void requireOpen() {
        if (closed) {
            throw closedException();
        }
    }

    static IllegalStateException closedException() {
        return new IllegalStateException("the conversation is closed");
    }

    /** From now on every call fails; one that is under way is its caller's to end. */
    void close() {
        closed = true;
    }
}
