package dev.demur;

import dev.demur.policy.Decision;

/**
 * Hears of the generations of a batch as they happen, on the thread of its caller; what it throws ends all of them. It
 * may close the model.
 */
@FunctionalInterface
public interface BatchListener {

    /** A piece of the reply to the conversation with that index: whole characters, never empty. */
    void text(int index, String piece);

    /** The decision on it, before any text. */
    default void decided(int index, Decision decision) {}
}
