package dev.demur.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait for their turn. Calls take turns, a request each: a call that brings a thousand requests delays another
 * by one request a round, and everybody's wait is bounded by the number of calls ahead.
 *
 * <p>Guarded by the engine's lock.
 */
final class WaitingLine {

    private final Deque<Deque<Slot>> calls = new ArrayDeque<>();

    /** Those that had their turn and lost their place; they go before all others. */
    private final Deque<Slot> again = new ArrayDeque<>();

    /** How many calls wait. */
    int size() {
        return calls.size();
    }

    boolean isEmpty() {
        return calls.isEmpty() && again.isEmpty();
    }

    /** Adds a call's requests. */
    void add(List<Slot> call) {
        calls.add(new ArrayDeque<>(call));
    }

    /** Puts one back that had its turn. */
    void putBack(Slot slot) {
        again.addFirst(slot);
    }

    /** The next whose turn it is; null where nobody waits. */
    @Nullable
    Slot take() {
        if (!again.isEmpty()) {
            return again.remove();
        }
        Deque<Slot> call = calls.poll();
        if (call == null) {
            return null;
        }
        Slot next = call.remove();
        if (!call.isEmpty()) {
            calls.add(call);
        }
        return next;
    }

    /** Takes all that are as told. */
    List<Slot> takeIf(Predicate<Slot> told) {
        List<Slot> taken = new ArrayList<>();
        take(again, told, taken);
        for (Iterator<Deque<Slot>> i = calls.iterator(); i.hasNext(); ) {
            Deque<Slot> call = i.next();
            take(call, told, taken);
            if (call.isEmpty()) {
                i.remove();
            }
        }
        return taken;
    }

    private static void take(Deque<Slot> from, Predicate<Slot> told, List<Slot> taken) {
        for (Iterator<Slot> i = from.iterator(); i.hasNext(); ) {
            Slot slot = i.next();
            if (told.test(slot)) {
                taken.add(slot);
                i.remove();
            }
        }
    }
}
