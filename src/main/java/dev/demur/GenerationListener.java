package dev.demur;

import dev.demur.policy.Decision;

/**
 * Hears of a generation as it happens, on the thread of its caller; what it throws ends the generation. Once that is cancelled it
 * hears no more text. A listener that takes its time delays this generation alone.
 *
 * <p>It may close the model, and must not call its {@code decide} or {@code generate}, which would be an {@link
 * IllegalStateException}.
 */
@FunctionalInterface
public interface GenerationListener {

    /** A piece of the reply: whole characters, never empty. */
    void text(String piece);

    /** The decision at the first position, before any text. */
    default void decided(Decision decision) {}
}
