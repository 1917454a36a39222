package dev.demur.engine;

import dev.demur.llama.Cancellation;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.readout.internal.ReadingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Decodes for all requests to a model: they join and leave one running {@link Batch} token by token.
 *
 * <p>How a request goes its way:
 *
 * <ol>
 *   <li>It <b>enters</b> by {@link #submit}, on its caller's thread, which then waits, hears its text and runs its listener. A
 *       full queue refuses it or has it wait before the door.
 *   <li>It <b>waits</b> in the {@link WaitingLine}, where calls take turns, until fewer than {@link Limits#parallel} are under
 *       way.
 *   <li>It is <b>decoded</b>, as a {@link Slot} of the {@link Batch}. First its {@link Prefill}s: the prompt, in chunks where replies
 *       of others grow, planned by {@link PrefillPlan}; at its end the readout reads, and the {@link Job} decides. Then steps: each
 *       adds a token to every reply that grows. {@link Sequences} keeps book of the cells and of what prompts share in them.
 *   <li>It <b>leaves</b> when the job {@linkplain Job#goesOn says so}, fails, is cancelled, or the engine closes; the job {@linkplain
 *       Job#ended hears} of that once. What it held stays for its {@linkplain Job#owner owner}, in the cells or saved beside them.
 * </ol>
 *
 * <p>One thread at a time decodes. A call that is alone lends its own, so that it costs no more than without an engine. As soon
 * as there is another, a thread of the engine's own takes over, and it runs nobody's code: a listener runs on the thread of its
 * caller, at most a few tokens behind. Callers that decoded by turns would each get threads of llama.cpp's own (OpenMP keeps a
 * team for every thread that computes), which spin in each other's way. The engine's own thread begins with the second of two
 * calls at once, ends when nobody asks for a while, and does not outlive {@link #close}.
 *
 * <p>Thread-safe.
 */
public final class Engine implements AutoCloseable {

    /** How long the thread waits for the next request; the one after that gets a new thread. */
    private static final long IDLE_MILLIS = 30_000;

    /** How often the thread looks for a listener that is stuck, while others wait. */
    private static final long LISTENER_MILLIS = 50;

    private final ReentrantLock lock = new ReentrantLock();

    /** Something is to be done. */
    private final Condition work = lock.newCondition();

    private final Batch batch;

    // Guarded by the lock.
    private final WaitingLine line = new WaitingLine();

    private final AdmissionQueue door;
    private final List<Object> toForget = new ArrayList<>();
    private boolean poked;
    private boolean closed;
    private @Nullable Thread thread;

    /** The call that lends its thread; null: the engine's own decodes. */
    private @Nullable Object alone;

    /** Whether a thread is in the batch now. */
    private boolean driven;

    /** Nobody is in the batch any more. */
    private final Condition left = lock.newCondition();

    /** The decode that is under way, and for whom. */
    private @Nullable LlamaContext decoding;

    private @Nullable List<Slot> decodingFor;

    /**
     * An engine that makes its contexts when they are needed.
     *
     * @param replies makes the context where replies are written, whose sequences hold as many tokens as told at least
     * @param asked makes one for prompts that are only decided on
     */
    public Engine(Limits limits, IntFunction<ReadingContext> replies, IntFunction<ReadingContext> asked) {
        this.door = new AdmissionQueue(lock, line, limits);
        this.batch = new Batch(new Hosting(), limits, replies, asked);
    }

    // ---- callers

    /**
     * Takes the requests of one call. Each hears once that it has {@linkplain Job#ended ended}; until all have, the call should
     * {@link #drive} when it has nothing else to do, and wait where it need not.
     *
     * @param call tells it from others
     * @param cancellation ends the wait for room in the queue, as an interrupt does; the requests are the caller's to {@link
     *     #cancel}
     * @throws dev.demur.QueueFullException if the queue is full and calls do not wait for room
     * @throws java.util.concurrent.CancellationException if the wait was cancelled
     * @throws IllegalStateException if the engine is closed
     */
    public void submit(Object call, List<? extends Job> jobs, Cancellation cancellation) {
        List<Slot> slots = new ArrayList<>();
        for (Job job : jobs) {
            slots.add(new Slot(job));
        }
        lock.lock();
        try {
            requireOpen();
            door.enter(cancellation, this::requireOpen);
            boolean quiet = alone == null && !driven && line.isEmpty() && batch.isEmpty();
            line.add(slots);
            if (quiet) {
                alone = call;
            } else {
                takeOver();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The engine's own thread decodes from now on. */
    private void takeOver() {
        alone = null;
        start();
        poke();
    }

    /**
     * Decodes something on the thread of the call, if it is alone.
     *
     * @return false where the engine's own thread decodes: the call has to wait until it hears of something
     */
    public boolean drive(Object call) {
        boolean news;
        lock.lock();
        try {
            if (alone != call || closed) {
                return false;
            }
            driven = true;
            news = poked;
            poked = false;
        } finally {
            lock.unlock();
        }
        boolean idle = true;
        try {
            idle = turn(news);
        } finally {
            if (idle) {
                giveUp(call); // it need not wait here
            }
            exit();
        }
        return true;
    }

    private void giveUp(Object call) {
        lock.lock();
        try {
            if (alone == call && !closed) {
                takeOver();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The call has heard that all of its requests have ended. */
    public void leave(Object call) {
        lock.lock();
        try {
            if (alone == call) {
                alone = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends requests: after their decision with what there is, else as cancelled. It does not wait. */
    public void cancel(List<? extends Job> jobs) {
        stop(jobs, null);
    }

    /** Ends requests with an exception; null: as cancelled. */
    public void stop(List<? extends Job> jobs, @Nullable RuntimeException why) {
        List<Slot> waiting;
        lock.lock();
        try {
            jobs.forEach(job -> job.stop(why));
            waiting = line.takeIf(slot -> slot.job.isStopped() && !slot.isFilling());
            door.lookAgain();
            interruptIfAllAreStopped();
            poke();
        } finally {
            lock.unlock();
        }
        waiting.forEach(slot -> slot.job.ended(reason(slot.job)));
    }

    private static RuntimeException reason(Job job) {
        RuntimeException why = job.stoppedBy();
        return why == null ? Batch.cancelled() : why;
    }

    private void interruptIfAllAreStopped() {
        List<Slot> slots = decodingFor;
        LlamaContext context = decoding;
        if (context != null && slots != null && slots.stream().allMatch(slot -> slot.job.isStopped())) {
            context.interrupt();
        }
    }

    /** Has the engine look again: somebody who was {@linkplain Job#isBehind behind} is no longer. */
    public void wake() {
        lock.lock();
        try {
            poke();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what is kept for an owner, which has nothing under way. */
    public void forget(Object owner) {
        lock.lock();
        try {
            if (!closed && (thread != null || driven)) {
                toForget.add(owner);
                poke();
            } else if (!closed) {
                batch.forget(owner); // nobody is in the batch
            }
        } finally {
            lock.unlock();
        }
    }

    /** Throws an {@link IllegalStateException} if this is closed. */
    public void requireOpen() {
        lock.lock();
        try {
            if (closed) {
                throw closedException();
            }
        } finally {
            lock.unlock();
        }
    }

    private static IllegalStateException closedException() {
        return new IllegalStateException("the model is closed");
    }

    /**
     * Ends all requests, those that wait too, with an {@link IllegalStateException}, and frees the contexts. When it returns no
     * thread of the engine's is left.
     */
    @Override
    public void close() {
        Thread running;
        lock.lock();
        try {
            closed = true;
            running = thread;
            if (decoding != null) {
                decoding.interrupt();
            }
            door.lookAgain();
            poke();
            while (driven && running == null) {
                left.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
        if (running == null) {
            endAll();
        } else {
            join(running);
        }
    }

    private static void join(Thread running) {
        boolean interrupted = false;
        while (running.isAlive() && running != Thread.currentThread()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- the thread

    private void poke() {
        poked = true;
        work.signal();
    }

    private void start() {
        if (thread == null) {
            Thread made = new Thread(this::run, "demur-engine");
            made.setDaemon(true);
            thread = made;
            made.start();
        }
    }

    private void run() {
        boolean idle = true;
        while (enter(idle)) {
            try {
                idle = turn(takeNews());
            } finally {
                exit();
            }
        }
    }

    /** One turn of the batch; whether there was nothing to do. */
    private boolean turn(boolean news) {
        try {
            if (news) {
                hear();
            }
            return !batch.turn();
        } catch (RuntimeException | Error e) {
            batch.end(e);
            return false;
        }
    }

    private boolean takeNews() {
        lock.lock();
        try {
            boolean news = poked;
            poked = false;
            return news;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is something to do for the engine's own thread; false where that is to end. */
    private boolean enter(boolean idle) {
        lock.lock();
        try {
            while (driven || (!closed && (alone != null || (idle && !poked)))) {
                boolean holdsUp = !driven && !line.isEmpty() && batch.waitsForListener();
                boolean waited = awaitWork(holdsUp ? LISTENER_MILLIS : IDLE_MILLIS);
                if (!waited && holdsUp) {
                    idle = false; // its listener may be stuck by now, and others wait for its place
                } else if (!waited && !poked && !driven && alone == null && batch.isEmpty()) {
                    thread = null;
                    return false;
                }
            }
            driven = !closed;
        } finally {
            lock.unlock();
        }
        if (!driven) {
            endAll();
        }
        return driven;
    }

    private boolean awaitWork(long millis) {
        try {
            return work.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true; // the thread is nobody's to interrupt
        }
    }

    private void exit() {
        lock.lock();
        try {
            driven = false;
            left.signalAll();
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Does what callers asked for: ends what waits and was stopped, and forgets whom nothing is to be kept for. */
    private void hear() {
        List<Slot> stopped;
        List<Object> forgotten;
        lock.lock();
        try {
            stopped = line.takeIf(slot -> slot.job.isStopped());
            forgotten = List.copyOf(toForget);
            toForget.clear();
        } finally {
            lock.unlock();
        }
        stopped.forEach(batch::endStopped);
        batch.endStopped(); // before what was kept for their owners is forgotten
        forgotten.forEach(batch::forget);
    }

    private void endAll() {
        List<Slot> waiting;
        lock.lock();
        try {
            waiting = line.takeIf(slot -> true);
        } finally {
            lock.unlock();
        }
        waiting.forEach(slot -> slot.job.ended(closedException()));
        batch.end(closedException());
    }

    /** What the batch asks of the engine. */
    private final class Hosting implements BatchHost {

        @Override
        public @Nullable Slot next() {
            lock.lock();
            try {
                Slot next = line.take();
                if (next != null) {
                    door.lookAgain();
                }
                return next;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean someoneWaits() {
            lock.lock();
            try {
                return !line.isEmpty();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void putBack(Slot slot) {
            lock.lock();
            try {
                line.putBack(slot);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean enter(LlamaContext context, List<Slot> slots) {
            lock.lock();
            try {
                if (closed || areStopped(slots)) {
                    return false;
                }
                decoding = context;
                decodingFor = slots;
                return true;
            } finally {
                lock.unlock();
            }
        }

        private boolean areStopped(List<Slot> slots) {
            for (int i = 0; i < slots.size(); i++) {
                if (!slots.get(i).job.isStopped()) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public void leave() {
            lock.lock();
            try {
                LlamaContext context = decoding;
                decoding = null;
                decodingFor = null;
                if (context != null) {
                    context.goOn();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
