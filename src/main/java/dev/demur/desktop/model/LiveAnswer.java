package dev.demur.desktop.model;

import dev.demur.GenerationListener;
import dev.demur.policy.Decision;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Hears an answer on the thread that writes it, and tells of it on the user interface's: however fast pieces come, one
 * message at a time is under way.
 */
final class LiveAnswer implements GenerationListener {

    /** Hears on the user interface's thread. */
    interface Listener {

        /** The decision, before any text. */
        void decided(Decision decision);

        /**
         * More text.
         *
         * @param pieces how many pieces there are so far, about as many as tokens
         * @param seconds since the first of them
         */
        void text(String text, int pieces, double seconds);
    }

    private static final double NANOS = 1e9;

    private final Executor ui;
    private final Listener listener;
    private final StringBuilder waiting = new StringBuilder(); // guarded by this, as all that follows
    private @Nullable Decision decision;
    private boolean told;
    private int pieces;
    private long first;

    LiveAnswer(Executor ui, Listener listener) {
        this.ui = ui;
        this.listener = listener;
    }

    @Override
    public void decided(Decision made) {
        synchronized (this) {
            decision = made;
        }
        tell();
    }

    @Override
    public void text(String piece) {
        synchronized (this) {
            waiting.append(piece);
            if (pieces++ == 0) {
                first = System.nanoTime();
            }
        }
        tell();
    }

    private void tell() {
        synchronized (this) {
            if (told) {
                return;
            }
            told = true;
        }
        ui.execute(this::flush);
    }

    /** Tells what has come; on the user interface's thread. */
    void flush() {
        Decision made;
        String text;
        int count;
        double seconds;
        synchronized (this) {
            told = false;
            made = decision;
            decision = null;
            text = waiting.toString();
            waiting.setLength(0);
            count = pieces;
            seconds = pieces == 0 ? 0 : (System.nanoTime() - first) / NANOS;
        }
        if (made != null) {
            listener.decided(made);
        }
        if (!text.isEmpty()) {
            listener.text(text, count, seconds);
        }
    }
}
