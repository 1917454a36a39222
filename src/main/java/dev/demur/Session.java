package dev.demur;

import dev.demur.llama.CallCancellation;
import dev.demur.llama.Cancellation;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A decoder and the requests that have it one after another; it is made for the first of them.
 *
 * <p>Thread-safe. {@link #close} may come from any thread; a request that is under way then ends with an {@link
 * IllegalStateException}, as does every later one.
 */
final class Session implements AutoCloseable {

    /** How often a request that waits for its turn looks whether it was cancelled. */
    private static final long PATIENCE_MILLIS = 10;

    private final Supplier<Decoder> maker;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Decoder decoder;
    private boolean closed;

    /** A session whose decoder comes from {@code maker}. */
    Session(Supplier<Decoder> maker) {
        this.maker = maker;
    }

    /**
     * Waits for the turn of a request, and runs it.
     *
     * @param cancellation ends the wait, and the decodes of the request, as an interrupt of this thread does; null for none
     */
    <T> T inTurn(@Nullable Cancellation cancellation, Function<Decoder, T> request) {
        requireNoListener();
        try (CallCancellation call = CallCancellation.begin(cancellation)) {
            waitForTurn(call.cancellation());
            try {
                Decoder opened = open();
                Cancellation.Scope cancelling = opened.endedBy(call);
                try (cancelling) {
                    return request.apply(opened);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Waits for the turn of what needs no decoder and no time, and runs it. */
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

    /** Throws an {@link IllegalStateException} on a thread that a request is running on. */
    void requireNoListener() {
        if (lock.isHeldByCurrentThread()) {
            throw new IllegalStateException(
                    "a listener must not ask the model that is calling it: ask when generate has"
                            + " returned, or in a conversation of its own");
        }
    }

    private void waitForTurn(Cancellation cancellation) {
        boolean entered = false;
        while (!entered) {
            cancellation.throwIfCancelled("the request");
            try {
                entered = lock.tryLock(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the cancellation has heard of it
            }
        }
    }

    private synchronized Decoder open() {
        requireOpen();
        Decoder opened = decoder;
        if (opened == null) {
            opened = maker.get();
            decoder = opened;
        }
        return opened;
    }

    /** Throws an {@link IllegalStateException} if this is closed. */
    synchronized void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the context is closed");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (decoder != null) {
            decoder.close();
        }
    }
}
