package dev.demur;

import dev.demur.engine.Job;
import org.jspecify.annotations.Nullable;

/** A request at the engine, as its caller sees it: it tells what happens, and what became of it in the end. */
abstract class Pending extends Job {

    private final Relay relay;
    private final @Nullable Object owner;
    private @Nullable Throwable failure; // before the volatile one
    private volatile boolean done;

    /**
     * A request of the thread that makes it.
     *
     * @param owner keeps its tokens; null: nobody
     */
    Pending(Relay relay, @Nullable Object owner) {
        this.relay = relay;
        this.owner = owner;
    }

    /** Where the caller hears of it. */
    final Relay relay() {
        return relay;
    }

    /** Whether it is over. */
    final boolean isDone() {
        return done;
    }

    /** What ended it, once it is over; null: nothing but itself. */
    final @Nullable Throwable failure() {
        return failure;
    }

    /** Whether its caller wants to hear no more text for now; what is left counts only if it ends by itself. */
    boolean isSilenced() {
        return false;
    }

    /** Whether it ended because it was cancelled, with what there was. */
    boolean wasCutShort() {
        return false;
    }

    @Override
    protected final @Nullable Object owner() {
        return owner;
    }

    @Override
    protected boolean isBehind() {
        return relay.isBehind();
    }

    @Override
    protected boolean isStuck() {
        return relay.isStuck();
    }

    @Override
    protected void ended(@Nullable Throwable why) {
        failure = why;
        done = true;
        relay.wakeCaller();
    }
}
