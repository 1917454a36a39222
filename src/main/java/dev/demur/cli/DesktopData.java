package dev.demur.cli;

import dev.demur.cli.files.DataFile;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import dev.demur.desktop.model.PromptFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/** Labelled prompts for the window, in the formats that {@code demur score} reads. */
final class DesktopData implements PromptFiles {

    @Override
    public List<String> endings() {
        return List.of("jsonl", "json", "csv");
    }

    @Override
    public PromptSource open(Path file, InputStream bytes, RowLabels labels) throws IOException {
        return DataFile.prompts(bytes, DataFile.isCsv(file), labels);
    }
}
