package dev.demur.cli.ask;

import dev.demur.DemurException;
import org.jspecify.annotations.Nullable;

/** Where the lines of a chat come from. */
public interface ChatLines extends AutoCloseable {

    /**
     * The next message without the end of its line; null where no more come. One that was pasted may have several lines.
     *
     * @throws DemurException if the input cannot be read or is not text
     */
    @Nullable
    String next();

    /** Has {@code action} run, on another thread, when Ctrl-C is typed while no line is read. */
    void onInterrupt(Runnable action);

    /** Whether a person types them. */
    boolean areTyped();

    /** How many columns answers have now; 0 where that is not known or does not matter. */
    int width();

    @Override
    void close();
}
