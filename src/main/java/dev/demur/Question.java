package dev.demur;

import dev.demur.engine.Prefill;
import dev.demur.llama.Processing;
import dev.demur.llama.internal.Sampler;
import dev.demur.policy.Decision;
import dev.demur.policy.Rules;
import dev.demur.readout.internal.ReadingContext;
import org.jspecify.annotations.Nullable;

/** A prompt that is only decided on. */
final class Question extends Pending {

    private final LoadedModel loaded;
    private final Prompt prompt;
    private final Rules rules;
    private @Nullable Decision decision;

    Question(LoadedModel loaded, Prompt prompt, Rules rules) {
        super(new Relay(text -> {}), null);
        this.loaded = loaded;
        this.prompt = prompt;
        this.rules = rules;
    }

    /** The decision, once it is there. */
    Decision decision() {
        Decision made = decision;
        if (made == null) {
            throw new IllegalStateException("it is not decided");
        }
        return made;
    }

    @Override
    protected Prefill begin() {
        return Prefill.toRead(prompt.decision(), !prompt.isOne(), 0);
    }

    @Override
    protected Rules rules() {
        return rules;
    }

    @Override
    protected boolean isGreedy() {
        return true; // it draws nothing
    }

    @Override
    protected @Nullable Prefill filled(ReadingContext at, int sequence, int held) {
        decision = loaded.decide(at, sequence, rules);
        return null;
    }

    @Override
    protected boolean goesOn(int room) {
        return false;
    }

    @Override
    protected boolean cancel() {
        return decision != null;
    }

    @Override
    protected void drawIn(Processing where) {
        throw noStep();
    }

    @Override
    protected int token() {
        throw noStep();
    }

    @Override
    protected @Nullable Sampler sampler() {
        throw noStep();
    }

    @Override
    protected void add(int drawn) {
        throw noStep();
    }

    private static IllegalStateException noStep() {
        return new IllegalStateException("what is only decided on has no reply");
    }
}
