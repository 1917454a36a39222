package dev.demur;

import dev.demur.policy.Decision;

/** Hears of one generation of a batch. */
record IndexedListener(int index, BatchListener listener) implements GenerationListener {

    @Override
    public void text(String piece) {
        listener.text(index, piece);
    }

    @Override
    public void decided(Decision decision) {
        listener.decided(index, decision);
    }
}
