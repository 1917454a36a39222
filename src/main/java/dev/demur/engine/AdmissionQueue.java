package dev.demur.engine;

import dev.demur.QueueFullException;
import dev.demur.llama.Cancellation;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Where calls wait that find the {@link WaitingLine} full, in their order. Guarded by the engine's lock. */
final class AdmissionQueue {

    /** How often a call that waits looks whether it was cancelled. */
    private static final long PATIENCE_MILLIS = 10;

    private final Condition room;
    private final WaitingLine line;
    private final Limits limits;
    private final Set<Object> waiting = new LinkedHashSet<>();

    AdmissionQueue(ReentrantLock lock, WaitingLine line, Limits limits) {
        this.room = lock.newCondition();
        this.line = line;
        this.limits = limits;
    }

    /**
     * Waits until there is room in the line, if calls may wait for that.
     *
     * @param cancellation ends the wait, as an interrupt does
     * @param requireOpen is asked whether there is still something to wait for
     */
    void enter(Cancellation cancellation, Runnable requireOpen) {
        if (isRoom() && waiting.isEmpty()) {
            return;
        }
        if (!limits.waits()) {
            throw new QueueFullException(line.size());
        }
        Object self = new Object();
        waiting.add(self);
        try {
            while (!(isRoom() && waiting.iterator().next() == self)) {
                cancellation.throwIfCancelled("the request");
                await();
                requireOpen.run();
            }
        } finally {
            waiting.remove(self);
            lookAgain();
        }
    }

    private void await() {
        try {
            if (!room.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                return; // to look whether it was cancelled
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Batch.cancelled();
        }
    }

    private boolean isRoom() {
        return line.size() < limits.queueLimit();
    }

    /** Has those that wait look whether there is room. */
    void lookAgain() {
        room.signalAll();
    }
}
