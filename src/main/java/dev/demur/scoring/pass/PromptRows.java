package dev.demur.scoring.pass;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Rows, read one after another. */
@FunctionalInterface
public interface PromptRows<R extends PromptRow> {

    /**
     * The next row.
     *
     * @return null at the end
     * @throws dev.demur.dataset.BadRowException if the row cannot be used; the next call goes on with the one after it
     * @throws IOException if reading cannot go on
     */
    @Nullable
    R next() throws IOException;
}
