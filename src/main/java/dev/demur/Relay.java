package dev.demur;

import dev.demur.policy.Decision;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Brings what happens to a request from the engine's thread to that of its caller, where the listener runs, so that no listener
 * holds up the engine. Only so much lies here untaken; then the request waits, and others go on.
 */
final class Relay implements GenerationListener {

    /** Enough that a caller's thread that is woken late costs no time, and few enough to end soon after a cancellation. */
    private static final int MOST_UNTAKEN = 8;

    /** As long as a caller's thread may well take to wake on a busy machine. */
    private static final long PATIENCE_NANOS = 100_000_000;

    private final GenerationListener listener;
    private final Thread caller = Thread.currentThread();
    private final Queue<String> pieces = new ArrayDeque<>();
    private @Nullable Decision decision;
    private boolean waitedFor;
    private long behindSince;

    /** Whether something has come since the caller began to look: a lock that it waited for may have taken its wake-up. */
    private volatile boolean news;

    /** How many characters the listener has heard; for the caller's thread. */
    private int heard;

    /** From the engine to a listener on the thread that makes this. */
    Relay(GenerationListener listener) {
        this.listener = listener;
    }

    // ---- the engine's thread

    @Override
    public void decided(Decision made) {
        synchronized (this) {
            decision = made;
        }
        wakeCaller();
    }

    @Override
    public void text(String piece) {
        synchronized (this) {
            pieces.add(piece);
        }
        wakeCaller();
    }

    /** Whether the listener has yet to take so much that the request should wait. */
    synchronized boolean isBehind() {
        boolean behind = pieces.size() >= MOST_UNTAKEN;
        if (behind && !waitedFor) {
            behindSince = System.nanoTime();
        }
        waitedFor = behind;
        return behind;
    }

    /** Whether it has taken nothing for so long that others should have the request's place. */
    synchronized boolean isStuck() {
        return isBehind() && System.nanoTime() - behindSince >= PATIENCE_NANOS;
    }

    /** Has the caller look what is new. */
    void wakeCaller() {
        news = true;
        if (Thread.currentThread() != caller) { // else it decodes itself, and looks when it has
            LockSupport.unpark(caller);
        }
    }

    // ---- the caller's thread

    /** The caller begins to look. */
    void look() {
        news = false;
    }

    /** Whether something has come since. */
    boolean hasNews() {
        return news;
    }

    /**
     * Tells the listener the next thing that it has not heard yet.
     *
     * @param textToo whether it may be text
     * @param caughtUp is run where the request waited for that
     * @return whether there was something
     */
    boolean tellNext(boolean textToo, Runnable caughtUp) {
        Decision made;
        synchronized (this) {
            made = decision;
            decision = null;
        }
        if (made != null) {
            listener.decided(made);
            return true;
        }
        String piece = textToo ? take(caughtUp) : null;
        if (piece == null) {
            return false;
        }
        heard += piece.length();
        listener.text(piece);
        return true;
    }

    private @Nullable String take(Runnable caughtUp) {
        String piece;
        boolean wake;
        synchronized (this) {
            piece = pieces.poll();
            wake = waitedFor && pieces.size() < MOST_UNTAKEN;
            waitedFor &= !wake;
        }
        if (wake) {
            caughtUp.run();
        }
        return piece;
    }

    /** What of a text the listener has heard. */
    String heardOf(String text) {
        return text.substring(0, heard);
    }
}
