package dev.demur.desktop.model;

import dev.demur.dataset.JsonlPrompts;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/** Opens files of labelled prompts, in the formats that the application which opens the window can read. */
public interface PromptFiles {

    /** JSON lines alone, which the library reads. */
    PromptFiles JSON_LINES = new PromptFiles() {
        @Override
        public List<String> endings() {
            return List.of("jsonl", "json");
        }

        @Override
        public PromptSource open(Path file, InputStream bytes, RowLabels labels) {
            return new JsonlPrompts(bytes, labels);
        }
    };

    /** What the names of such files end with, without the point. */
    List<String> endings();

    /**
     * Opens what a file holds; closing it closes the bytes.
     *
     * @param file tells the format by its name
     * @param bytes of the file, buffered
     * @param labels make rows of the categories of data
     * @throws IOException if they cannot be read
     * @throws dev.demur.DemurException if no row can be, as where a column is missing
     */
    PromptSource open(Path file, InputStream bytes, RowLabels labels) throws IOException;
}
