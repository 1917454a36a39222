package dev.demur.engine;

import dev.demur.llama.internal.LlamaContext;
import dev.demur.readout.internal.ReadingContext;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A context that is made when it is needed, with the book of its sequences. For the engine's thread. */
final class Place implements AutoCloseable {

    private final IntFunction<ReadingContext> maker;
    private @Nullable ReadingContext reading;
    private @Nullable Sequences sequences;
    private boolean spoilt;

    /** A place for contexts that come from {@code maker}, which is told how many tokens a sequence must hold at least. */
    Place(IntFunction<ReadingContext> maker) {
        this.maker = maker;
    }

    /** Whether there is a context that can be used, with sequences as long as told. */
    boolean isOpen(int longest) {
        ReadingContext made = reading;
        return made != null && !spoilt && made.context().size() >= longest;
    }

    /** Has the context, in which a decode failed, be replaced before the next. */
    void spoil() {
        spoilt = true;
    }

    /** Makes a context whose sequences hold as many tokens, in place of the one that there is. */
    void open(int longest) {
        close();
        ReadingContext made = maker.apply(longest);
        reading = made;
        sequences = new Sequences(made.context());
        spoilt = false;
    }

    ReadingContext reading() {
        ReadingContext made = reading;
        if (made == null) {
            throw new IllegalStateException("there is no context");
        }
        return made;
    }

    LlamaContext context() {
        return reading().context();
    }

    Sequences sequences() {
        Sequences made = sequences;
        if (made == null) {
            throw new IllegalStateException("there is no context");
        }
        return made;
    }

    /** Forgets what is kept for an owner. */
    void forget(Object owner) {
        Sequences made = sequences;
        if (made != null) {
            made.forget(owner);
        }
    }

    @Override
    public void close() {
        ReadingContext made = reading;
        Sequences book = sequences;
        reading = null;
        sequences = null;
        if (book != null) {
            book.close();
        }
        if (made != null) {
            made.close();
        }
    }
}
