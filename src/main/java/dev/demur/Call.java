package dev.demur;

import dev.demur.engine.Engine;
import dev.demur.llama.Cancellation;
import dev.demur.llama.internal.CallCancellation;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One call: its requests are at the engine, and its thread runs their listeners and waits for them, or decodes for them where
 * the call is alone. An interrupt of the thread cancels them, and its flag stays set.
 */
final class Call {

    private final Engine engine;
    private final List<? extends Pending> requests;
    private final Runnable caughtUp;
    private boolean failed;

    private Call(Engine engine, List<? extends Pending> requests) {
        this.engine = engine;
        this.requests = requests;
        this.caughtUp = engine::wake;
    }

    /**
     * Submits requests that the current thread made, and waits until all are over.
     *
     * @param cancellation ends all of them; null for none
     * @throws CancellationException if it did so before one of them was decided
     * @throws RuntimeException what ended a request, or a listener threw; all of them are over then
     */
    static void run(Engine engine, @Nullable Cancellation cancellation, List<? extends Pending> requests) {
        Cancellation given = cancellation == null ? new Cancellation() : cancellation;
        given.throwIfCancelled("the request");
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("the request was cancelled: its thread was interrupted");
        }
        Call call = new Call(engine, requests);
        engine.submit(call, requests, given);
        try (CallCancellation ending = CallCancellation.begin(given)) {
            Cancellation.Scope scope = ending.cancellation().onCancel(() -> engine.cancel(requests));
            try (scope) {
                call.await(ending);
            }
        } finally {
            engine.leave(call);
        }
        call.throwFailure();
    }

    private void await(CallCancellation ending) {
        boolean interrupted = false;
        try {
            while (true) {
                look();
                boolean over = areAllDone(); // before what they told is looked at
                interrupted |= Thread.interrupted(); // the requests are cancelled already
                if (tell(ending.cancellation().isCancelled())) {
                    ending.listen(); // a listener may have waited on a channel, or asked another model
                } else if (over) {
                    break;
                } else if (!engine.drive(this)) {
                    await();
                }
            }
        } catch (Throwable e) {
            endAll();
            throw e;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A listener failed: nothing of this call is left when that reaches the caller. */
    private void endAll() {
        engine.cancel(requests);
        boolean interrupted = false;
        look();
        while (!areAllDone()) {
            if (!engine.drive(this)) {
                await();
            }
            interrupted |= Thread.interrupted();
            look();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        for (int i = 0; i < requests.size(); i++) {
            requests.get(i).relay().look();
        }
    }

    /** Waits until something has come since the last look. */
    private void await() {
        for (int i = 0; i < requests.size(); i++) {
            if (requests.get(i).relay().hasNews()) {
                return;
            }
        }
        LockSupport.park(this);
    }

    private boolean areAllDone() {
        for (int i = 0; i < requests.size(); i++) {
            if (!requests.get(i).isDone()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Tells listeners what is new; one that fails fails all.
     *
     * @param silenced whether all are cancelled
     */
    private boolean tell(boolean silenced) {
        boolean told = false;
        for (int i = 0; i < requests.size(); i++) {
            Pending request = requests.get(i);
            boolean done = request.isDone();
            if (done && request.failure() != null && !failed) {
                failed = true;
                engine.cancel(requests);
            }
            boolean heard = done ? !request.wasCutShort() : !silenced && !failed && !request.isSilenced();
            told |= request.relay().tellNext(heard, caughtUp);
        }
        return told;
    }

    private void throwFailure() {
        Throwable first = null;
        for (Pending request : requests) {
            Throwable failure = request.failure();
            boolean more = first == null || first instanceof CancellationException;
            first = failure != null && more ? failure : first;
        }
        if (first instanceof RuntimeException e) {
            throw e;
        }
        if (first instanceof Error e) {
            throw e;
        }
    }
}
