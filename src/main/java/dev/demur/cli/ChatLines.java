package dev.demur.cli;

import org.jspecify.annotations.Nullable;

/** Where the lines of a chat come from. */
interface ChatLines extends AutoCloseable {

    /**
     * The next line without its end; null where no more come.
     *
     * @throws IllegalArgumentException if the input cannot be read or is not text
     */
    @Nullable
    String next();

    /** Has {@code action} run, on another thread, when Ctrl-C is typed while no line is read. */
    void onInterrupt(Runnable action);

    /** Whether a person types them. */
    boolean areTyped();

    @Override
    void close();
}
