package dev.demur.spark;

import java.io.Serial;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A row of the data as it was read, which may be no prompt at all.
 *
 * @param json a line of JSONL; null: the row came in columns
 */
record InputRow(
        @Nullable String json,
        @Nullable String id,
        @Nullable String prompt,
        @Nullable String category,
        @Nullable String expected)
        implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    static InputRow ofJson(String json) {
        return new InputRow(json, null, null, null, null);
    }
}
