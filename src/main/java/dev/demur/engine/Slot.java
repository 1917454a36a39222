package dev.demur.engine;

import dev.demur.llama.internal.DecodeStep;
import dev.demur.llama.internal.Sampler;
import org.jspecify.annotations.Nullable;

/**
 * A request under way: the tokens that are still to be decoded for it, and the sequences that hold what was. For the engine's
 * thread.
 */
final class Slot implements DecodeStep {

    final Job job;

    /** What is being decoded; null: it takes steps. */
    @Nullable
    Prefill fill;

    /** Whether the fill only brings back what was there when the request lost its place. */
    boolean again;

    /** The sequence that the fill is decoded in; -1: it has none yet. */
    int filling = -1;

    /** The sequence that its reply is written in; -1: none. */
    int writing = -1;

    /** How many tokens the sequence that its reply is written in must be able to hold. */
    private int size;

    /** How many tokens of the fill were there. */
    int held;

    Slot(Job job) {
        this.job = job;
    }

    /** The fill that there is. */
    Prefill fill() {
        Prefill now = fill;
        if (now == null) {
            throw new IllegalStateException("nothing is to be decoded");
        }
        return now;
    }

    boolean isFilling() {
        return fill != null;
    }

    /** Asks for another fill. */
    void fill(Prefill next) {
        fill = next;
        filling = next.elsewhere() ? -1 : writing;
        held = 0;
        if (!next.elsewhere()) {
            size = Math.max(size, next.size());
        }
    }

    /** How many tokens a sequence must be able to hold that the fill is decoded in. */
    int size() {
        Prefill now = fill();
        return now.elsewhere() ? now.size() : size;
    }

    @Override
    public int sequence() {
        return writing;
    }

    @Override
    public int token() {
        return job.token();
    }

    @Override
    public @Nullable Sampler sampler() {
        return job.sampler();
    }
}
