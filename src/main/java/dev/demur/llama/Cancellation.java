package dev.demur.llama;

import dev.demur.arguments.Given;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends a load, a decision or a generation from another thread: the caller makes one, passes it along with the options,
 * and keeps it to cancel.
 *
 * <p>Thread-safe. One may serve several operations, at once or one after another: {@link #cancel} ends those that are
 * under way, and every later one as it begins. It cannot be reset: what is to run afterwards takes a new one.
 */
public final class Cancellation {

    private final List<Runnable> actions = new ArrayList<>();
    private boolean cancelled;

    /**
     * Cancels; doing so again changes nothing. It does not wait: what was under way ends within a token, or within a
     * batch of the prompt where the device computes whole batches only.
     */
    public synchronized void cancel() {
        cancelled = true;
        actions.forEach(Runnable::run);
    }

    /** Whether {@link #cancel} was called. */
    public synchronized boolean isCancelled() {
        return cancelled;
    }

    /**
     * Ends a step of an operation that was cancelled.
     *
     * @param what was cancelled, as a sentence's subject
     * @throws CancellationException if {@link #cancel} was called
     */
    public void throwIfCancelled(String what) {
        Given.value(what, "what");
        if (isCancelled()) {
            throw new CancellationException(what + " was cancelled");
        }
    }

    /**
     * Has {@code action} run by {@link #cancel}, or at once where that has been called, until the scope is closed: from
     * then on it neither runs nor is running. It must not wait for the thread that closes the scope.
     */
    public synchronized Scope onCancel(Runnable action) {
        Given.value(action, "action");
        actions.add(action);
        if (cancelled) {
            action.run();
        }
        AtomicBoolean closed = new AtomicBoolean();
        return () -> {
            if (!closed.getAndSet(true)) {
                remove(action);
            }
        };
    }

    private synchronized void remove(Runnable action) {
        actions.remove(action);
    }

    /** The time within which cancelling has an effect; closing it again does nothing. Thread-safe. */
    @FunctionalInterface
    public interface Scope extends AutoCloseable {

        @Override
        void close();
    }
}
