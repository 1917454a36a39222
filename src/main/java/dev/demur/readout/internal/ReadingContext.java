package dev.demur.readout.internal;

import dev.demur.llama.internal.LlamaContext;

/**
 * A context, and what reads on it. For one thread at a time; {@link #close}, which closes the context, may come from any.
 *
 * @param context holds the prompts
 * @param reader reads at their ends
 */
public record ReadingContext(LlamaContext context, Readout.Reader reader) implements AutoCloseable {

    /** A context, which it takes over, with a reader of that readout; the context is closed if there cannot be one. */
    public static ReadingContext of(Readout readout, LlamaContext context) {
        try {
            return new ReadingContext(context, readout.reader(context));
        } catch (Throwable e) {
            context.close();
            throw e;
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
