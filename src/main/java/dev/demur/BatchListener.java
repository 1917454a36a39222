package dev.demur;

import dev.demur.policy.Decision;

/**
 * Hears of the generations of a batch as they happen, on the thread that called {@link Demur#generateAll(java.util.List, BatchListener)};
 * what it throws ends all of them and reaches that thread's caller. One that takes its time delays this batch alone.
 *
 * <p>It may close the model, and must not ask it: that would be an {@link IllegalStateException}.
 */
@FunctionalInterface
public interface BatchListener {

    /** A piece of the reply to the conversation with that index: whole characters, never empty. */
    void text(int index, String piece);

    /** The decision on it, before any text. */
    default void decided(int index, Decision decision) {}
}
