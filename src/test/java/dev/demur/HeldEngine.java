package dev.demur;

import dev.demur.engine.Prefill;
import dev.demur.llama.Processing;
import dev.demur.llama.internal.Sampler;
import dev.demur.policy.Rules;
import dev.demur.readout.internal.ReadingContext;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Stops a model's engine where it takes in a request, as a decode without an end would, until this is closed. Who asks meanwhile
 * waits, however slow the test is, and can be cancelled.
 */
final class HeldEngine implements AutoCloseable {

    /** Where a call waits whose requests are at the engine. */
    static final String IN_LINE = "dev.demur.Call.await";

    /** Where a call waits for room in the queue. */
    static final String AT_THE_DOOR = "dev.demur.engine.AdmissionQueue.await";

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final OwnThread<Void> holder;

    private HeldEngine(Demur demur) {
        holder = OwnThread.start(() -> {
            try {
                Call.run(demur.engine, null, List.of(new Stop()));
                throw new AssertionError("it ends with its exception");
            } catch (CancellationException e) {
                return null; // its own
            }
        });
    }

    /** Holds the engine of a model that has a place free. */
    static HeldEngine of(Demur demur) throws Exception {
        HeldEngine held = new HeldEngine(demur);
        held.awaitHeld();
        return held;
    }

    /** Will hold the engine when it comes to what was asked for last: all that waits already has had its turn then. */
    static HeldEngine behindAllThatWaits(Demur demur) throws Exception {
        HeldEngine held = new HeldEngine(demur);
        held.holder.awaitWaitIn(IN_LINE);
        return held;
    }

    void awaitHeld() throws Exception {
        while (!reached.await(10, TimeUnit.MILLISECONDS)) {
            if (holder.isDone()) {
                holder.get();
                throw new AssertionError("the engine ended it unasked");
            }
        }
    }

    /** Whether it holds the engine no longer: then a test has shown nothing. */
    boolean isOver() {
        return holder.isDone();
    }

    /** Lets the engine go on; what is held behind this is come to then. */
    void letGo() {
        release.countDown();
    }

    @Override
    public void close() {
        letGo();
        try {
            holder.get();
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** A request that the engine does not get past until it is told to. */
    private final class Stop extends Pending {

        Stop() {
            super(new Relay(text -> {}), null);
        }

        @Override
        protected Prefill begin() {
            reached.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            throw new CancellationException("the engine goes on");
        }

        @Override
        protected Rules rules() {
            throw unasked();
        }

        @Override
        protected boolean isGreedy() {
            throw unasked();
        }

        @Override
        protected Prefill filled(ReadingContext at, int sequence, int held) {
            throw unasked();
        }

        @Override
        protected boolean goesOn(int room) {
            throw unasked();
        }

        @Override
        protected void drawIn(Processing where) {
            throw unasked();
        }

        @Override
        protected int token() {
            throw unasked();
        }

        @Override
        protected Sampler sampler() {
            throw unasked();
        }

        @Override
        protected void add(int drawn) {
            throw unasked();
        }

        @Override
        protected boolean cancel() {
            return false; // there is nothing to end it with
        }

        private IllegalStateException unasked() {
            return new IllegalStateException("it never begins");
        }
    }
}
