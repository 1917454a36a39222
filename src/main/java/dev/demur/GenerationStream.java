package dev.demur;

import dev.demur.llama.Cancellation;
import dev.demur.policy.Decision;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A generation that runs on a thread of its own and whose text is taken piece by piece: the decision first, then the
 * pieces, in a {@code for} loop, as an iterator or as {@link #pieces}, then the whole {@link #generation}.
 *
 * <p>The generation never waits for its consumer: it keeps what is not taken, at most its token limit's worth of text,
 * and frees all else when it ends. {@link #close} cancels it and waits until it has; a consumer that stops early and does
 * not close merely lets it run to its end. What the generation throws is thrown by the method that waits for it. A thread
 * that is interrupted while it waits cancels the generation and gets a {@link CancellationException}.
 *
 * <p>Thread-safe. A listener of the same model must not wait for it: the two would wait for each other.
 */
public final class GenerationStream implements Iterator<String>, Iterable<String>, AutoCloseable {

    private final Cancellation cancellation = new Cancellation();
    private final Queue<String> pieces = new ArrayDeque<>();
    private @Nullable Decision decision;
    private @Nullable Generation generation;
    private @Nullable Throwable failure;
    private boolean closed;

    private GenerationStream() {}

    /** A generation that can be cancelled and is listened to. */
    interface Source {
        Generation generate(Cancellation cancellation, GenerationListener listener);
    }

    /** Starts {@code source}; {@code outer}, if there is one, cancels it too. */
    static GenerationStream start(@Nullable Cancellation outer, Source source) {
        GenerationStream stream = new GenerationStream();
        Thread thread = new Thread(() -> stream.run(outer, source), "demur-generation");
        thread.setDaemon(true);
        thread.start();
        return stream;
    }

    private void run(@Nullable Cancellation outer, Source source) {
        Cancellation.Scope scope = outer == null ? null : outer.onCancel(cancellation::cancel);
        try (scope) {
            end(source.generate(cancellation, new Taker()), null);
        } catch (Throwable e) {
            end(null, e);
        }
    }

    private synchronized void end(@Nullable Generation whole, @Nullable Throwable thrown) {
        generation = whole;
        failure = thrown;
        notifyAll();
    }

    /** Takes what is generated, on the generation's thread. */
    private final class Taker implements GenerationListener {

        @Override
        public void decided(Decision made) {
            synchronized (GenerationStream.this) {
                decision = made;
                GenerationStream.this.notifyAll();
            }
        }

        @Override
        public void text(String piece) {
            synchronized (GenerationStream.this) {
                if (!closed) {
                    pieces.add(piece);
                    GenerationStream.this.notifyAll();
                }
            }
        }
    }

    /** The decision at the first position, waited for; throws what the generation threw before it. */
    public synchronized Decision decision() {
        while (decision == null && !ended()) {
            await();
        }
        if (decision == null) {
            throw failed();
        }
        return decision;
    }

    /** Whether another piece comes, waited for; false once closed. */
    @Override
    public synchronized boolean hasNext() {
        while (pieces.isEmpty() && !closed && !ended()) {
            await();
        }
        if (pieces.isEmpty() && !closed && failure != null) {
            throw failed();
        }
        return !pieces.isEmpty();
    }

    /** The next piece of the reply: whole characters, never empty. */
    @Override
    public synchronized String next() {
        if (!hasNext()) {
            throw new NoSuchElementException(closed ? "the stream is closed" : "the reply has ended");
        }
        return pieces.remove();
    }

    /** This stream itself, for a loop over the pieces: what was taken does not come again. */
    @Override
    public Iterator<String> iterator() {
        return this;
    }

    /** The pieces as a stream, to be consumed once; closing it closes this. */
    public Stream<String> pieces() {
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED | Spliterator.NONNULL), false)
                .onClose(this::close);
    }

    /**
     * The whole generation, waited for; of one that was closed early what there was.
     *
     * @throws CancellationException if it was cancelled before its decision
     */
    public synchronized Generation generation() {
        while (!ended()) {
            await();
        }
        if (generation == null) {
            throw failed();
        }
        return generation;
    }

    private boolean ended() {
        return generation != null || failure != null;
    }

    private void await() {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancellation.cancel();
            throw new CancellationException("the thread that waits for the generation was interrupted");
        }
    }

    private RuntimeException failed() {
        if (failure instanceof Error e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            return e;
        }
        throw new AssertionError(failure);
    }

    /** Cancels the generation if it still runs, waits until it has ended, and forgets what was not taken. */
    @Override
    public void close() {
        cancellation.cancel();
        boolean interrupted = false;
        synchronized (this) {
            closed = true;
            pieces.clear();
            notifyAll();
            while (!ended()) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
