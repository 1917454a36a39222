package dev.demur;

import dev.demur.policy.Decision;

/** Hears of a generation as it happens, on the thread that generates; what it throws ends the generation. */
@FunctionalInterface
public interface GenerationListener {

    /** A piece of the reply: whole characters, never empty. */
    void text(String piece);

    /** The decision at the first position, before any text. */
    default void decided(Decision decision) {}
}
