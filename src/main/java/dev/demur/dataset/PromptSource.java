package dev.demur.dataset;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A data set, read row by row. */
public interface PromptSource extends AutoCloseable {

    /**
     * The next row.
     *
     * @return null at the end
     * @throws BadRowException if the row cannot be used; the next call goes on with the one after it
     * @throws IOException if reading cannot go on
     */
    @Nullable
    LabelledPrompt next() throws IOException;

    @Override
    void close() throws IOException;
}
