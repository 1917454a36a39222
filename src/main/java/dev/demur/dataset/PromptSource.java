package dev.demur.dataset;

import java.io.IOException;

/** A data set, read row by row. */
public interface PromptSource extends PromptRows<LabelledPrompt>, AutoCloseable {

    @Override
    void close() throws IOException;
}
