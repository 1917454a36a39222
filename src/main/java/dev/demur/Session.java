package dev.demur;

import dev.demur.llama.Cancellation;
import dev.demur.llama.LlamaContext;
import dev.demur.llama.LogitsProcessor;
import dev.demur.llama.Processing;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A context and the requests that have it one after another; the context is made for the first of them.
 *
 * <p>Thread-safe. {@link #close} may come from any thread; a request that is under way then ends with an {@link
 * IllegalStateException}, as does every later one.
 */
final class Session implements AutoCloseable {

    /** How often a request that waits for its turn looks whether it was cancelled. */
    private static final long PATIENCE_MILLIS = 10;

    private final Supplier<LlamaContext> maker;
    private final ControlTokens controlTokens;
    private final LogitsProcessor processor;
    private final Drawing drawing;
    private final boolean resumes;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable LlamaContext context;
    private boolean closed;

    /**
     * A session of its own.
     *
     * @param resumes whether a prompt is decoded from where it differs from what the context holds, in place of anew; the
     *     requests before then show in the numbers, within the noise of sums in another order
     */
    Session(
            Supplier<LlamaContext> maker,
            ControlTokens tokens,
            LogitsProcessor processor,
            Drawing drawing,
            boolean resumes) {
        this.maker = maker;
        this.controlTokens = tokens;
        this.processor = processor;
        this.drawing = drawing;
        this.resumes = resumes;
    }

    /** The time in which a request has the context to itself and can be cancelled. */
    final class Turn implements AutoCloseable {

        private final LlamaContext context;
        private final Cancellation.Scope cancelling;
        private int held;

        private Turn(LlamaContext context, @Nullable Cancellation cancellation) {
            this.context = context;
            this.cancelling = context.cancelledBy(cancellation);
        }

        /** Decides at the first position. */
        Decision decide(int[] prompt, RefusalPolicy policy) {
            return decide(prompt, policy, true);
        }

        private Decision decide(int[] prompt, RefusalPolicy policy, boolean greedily) {
            context.prepare(policy, greedily);
            if (resumes) {
                held = context.resume(prompt);
            } else {
                context.clear();
                context.decode(prompt);
            }
            return processor.decide(context, controlTokens, policy);
        }

        /**
         * Decides, and goes on to the end of the reply.
         *
         * @param start when the request had its turn, by {@link System#nanoTime}
         */
        Generation generate(
                int[] prompt,
                long start,
                RefusalPolicy policy,
                GenerationOptions options,
                GenerationListener listener) {
            Decision decision = decide(prompt, policy, options.isGreedy());
            try (Generator generator = Generator.begin(decision, policy, options, drawing, listener)) {
                while (generator.goesOn(context.size() - context.position())) {
                    step(generator);
                }
                return generator.generation(prompt.length, held, start, context.processing());
            }
        }

        private void step(Generator generator) {
            int drawn;
            try {
                drawn = context.processing() == Processing.IN_GRAPH
                        ? context.stepInGraph(generator.token())
                        : context.step(generator.sampler(), generator.token());
            } catch (CancellationException e) {
                generator.cancel();
                return;
            }
            generator.add(drawn);
        }

        @Override
        public void close() {
            cancelling.close();
            lock.unlock();
        }
    }

    /** Waits for the turn of a request. */
    Turn enter(@Nullable Cancellation cancellation) {
        requireNoListener();
        waitForTurn(cancellation);
        try {
            return new Turn(open(), cancellation);
        } catch (Throwable e) {
            lock.unlock();
            throw e;
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

    private void waitForTurn(@Nullable Cancellation cancellation) {
        if (cancellation == null) {
            lock.lock();
            return;
        }
        boolean interrupted = false;
        boolean entered = false;
        try {
            while (!entered) {
                cancellation.throwIfCancelled("the request");
                try {
                    entered = lock.tryLock(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    interrupted = true; // an interrupt ends no request, neither here nor while it is computed
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized LlamaContext open() {
        requireOpen();
        LlamaContext opened = context;
        if (opened == null) {
            opened = maker.get();
            context = opened;
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
        if (context != null) {
            context.close();
        }
    }
}
