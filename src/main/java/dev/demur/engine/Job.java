package dev.demur.engine;

import dev.demur.llama.Processing;
import dev.demur.llama.internal.Sampler;
import dev.demur.policy.Rules;
import dev.demur.readout.internal.ReadingContext;
import org.jspecify.annotations.Nullable;

/**
 * One request, as the engine sees it: what it has decoded, and what it makes of that. The engine's thread calls all of these
 * methods, {@link #ended} last and once; none of them may wait for anybody.
 *
 * <p>First a job has {@linkplain #begin tokens to be decoded}; as long as it asks for more ({@link #filled}) these follow.
 * Then it takes steps, each of which decodes {@link #token} and {@linkplain #add adds} the one that was drawn, until it no
 * longer {@link #goesOn}.
 */
public abstract class Job {

    /** Set once, under the engine's lock. */
    private volatile boolean stopped;

    /** Why it was stopped, if it was not by a cancellation; set before {@link #stopped} is. */
    private volatile @Nullable RuntimeException stoppedBy;

    /** Ends it at the next opportunity; null: as cancelled. */
    final void stop(@Nullable RuntimeException why) {
        if (!stopped) {
            stoppedBy = why;
            stopped = true;
        }
    }

    /** Whether it is to end. */
    final boolean isStopped() {
        return stopped;
    }

    final @Nullable RuntimeException stoppedBy() {
        return stoppedBy;
    }

    /**
     * What keeps the tokens of its sequences for its next job, such as a conversation; null: nobody. Jobs of one owner are not
     * under way at the same time.
     */
    protected abstract @Nullable Object owner();

    /** Its turn has come: what is decoded first. */
    protected abstract Prefill begin();

    /** What decides where a fill is read. */
    protected abstract Rules rules();

    /** Whether its reply takes the likeliest token each time. */
    protected abstract boolean isGreedy();

    /**
     * A fill was decoded; what it asked to be read can be read until this returns.
     *
     * @param at where it was decoded
     * @param sequenceThere the sequence
     * @param held how many of the fill's tokens had not to be decoded
     * @return what is decoded next; null: steps follow, or it has ended
     */
    protected abstract @Nullable Prefill filled(ReadingContext at, int sequenceThere, int held);

    /**
     * Whether another step follows; asked before each.
     *
     * @param room how many more tokens its sequence can hold
     */
    protected abstract boolean goesOn(int room);

    /** Whether whoever takes its text is so far behind that it should wait. */
    protected abstract boolean isBehind();

    /** Whether that has lasted for so long that others should have its place. */
    protected abstract boolean isStuck();

    /** Says where the next token is drawn. */
    protected abstract void drawIn(Processing where);

    /** The token that the next step decodes. */
    protected abstract int token();

    /** What draws the token that follows; null where the compute graph does. */
    protected abstract @Nullable Sampler sampler();

    /** Adds the token that a step drew. */
    protected abstract void add(int drawn);

    /** It was cancelled: ends it with what there is, or returns false where that is nothing. */
    protected abstract boolean cancel();

    /**
     * It is over, and the engine forgets it; from any thread, but only once.
     *
     * @param failure what ended it; null: it ended by itself, or with what there was
     */
    protected abstract void ended(@Nullable Throwable failure);
}
