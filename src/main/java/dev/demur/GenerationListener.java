package dev.demur;

import dev.demur.policy.Decision;

/**
 * Hears of a generation as it happens, on the thread that called {@code generate} or {@code ask}; what it throws ends the
 * generation and reaches that thread's caller. Once the generation is cancelled it hears no more text. A listener that takes its
 * time delays this generation alone.
 *
 * <p>It may close the model, and must not ask it: {@code decide}, {@code generate} and the other methods of {@link Demur} that ask then throw
 * an {@link IllegalStateException}, which, unless caught, ends the generation as well. Ask when {@code generate} has returned, or in
 * a {@link Conversation} of its own.
 */
@FunctionalInterface
public interface GenerationListener {

    /** A piece of the reply: whole characters, never empty. */
    void text(String piece);

    /** The decision at the first position, before any text. */
    default void decided(Decision decision) {}
}
