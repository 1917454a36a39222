package dev.demur.fit;

import dev.demur.DemurException;
import dev.demur.LoadOptions;
import dev.demur.dataset.JsonlPrompts;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.policy.Labels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a model gave of rows, kept in the file that {@code fit --keep-features} leaves, or read of it once. */
record StoredFeatures(FitRows rows, FeatureFile.Mapped features, int width, int[] candidates) {

    /**
     * Reads data as {@code fit} does.
     *
     * @throws IOException if they cannot be read
     */
    static FitData data(List<Path> files) throws IOException {
        FitData data = new FitData();
        for (Path file : files) {
            try (PromptSource prompts = new JsonlPrompts(Files.newInputStream(file), StarterPrompts.rowLabels())) {
                LabelledPrompt prompt = prompts.next();
                while (prompt != null) {
                    data.add(prompt.source() == null ? prompt.withSource(String.valueOf(file.getFileName())) : prompt);
                    prompt = prompts.next();
                }
            }
        }
        return data;
    }

    /**
     * What is there, and of rows that are not, what the model gives; a pass that was ended goes on.
     *
     * @param labels of the rows; null: those that the data have
     * @throws IOException if the file or the data cannot be read
     */
    static StoredFeatures of(
            Path model, LoadOptions load, Path file, FitData data, FitOptions options, @Nullable Labels labels)
            throws IOException, InterruptedException {
        FitRows rows = FitRows.of(data, labels == null ? data.labels() : labels, options);
        try (FrozenModel frozen = FrozenModel.load(model, load)) {
            FeatureFile features = new FeaturePass(frozen, rows).run(file, new Quiet());
            FeatureFile.Mapped mapped = features.map();
            features.close();
            for (int row = 0; row < rows.size(); row++) {
                if (!mapped.isRead(row)) {
                    throw new DemurException("row " + row + " could not be read of the model; leave it out");
                }
            }
            return new StoredFeatures(rows, mapped, frozen.width(), frozen.candidates());
        }
    }

    /** Says how far reading is, on standard error. */
    static final class Quiet implements FitListener {

        private static final int EVERY = 50;

        private long toRead;
        private long read;

        @Override
        public void reading(long rows, long resumed, boolean damaged) {
            toRead = rows;
            System.err.println(rows + " rows, of which " + resumed + " are there");
        }

        @Override
        public void row(boolean work) {
            read++;
            if (read % EVERY == 0 && work) {
                System.err.println(read + " of " + toRead);
            }
        }

        @Override
        public void unreadable(long line, String problem) {
            System.err.println("line " + line + ": " + problem);
        }

        @Override
        public void fitting(int step, int steps) {}
    }
}
