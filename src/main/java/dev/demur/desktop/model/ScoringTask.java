package dev.demur.desktop.model;

import dev.demur.DemurException;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptHash;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import dev.demur.policy.Reading;
import dev.demur.scoring.PromptScorer;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoreSink;
import dev.demur.scoring.ScoreWriter;
import dev.demur.scoring.ScoredPrompts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;

/** Scores prompts into a file of the application's own, and goes on with what an earlier run has left there. */
final class ScoringTask {

    private static final int NAME_DIGITS = 12;

    private final ModelSession session;
    private final DataSource data;
    private final double temperature;
    private final Path folder;
    private final Texts texts;
    private long bad;

    ScoringTask(ModelSession session, DataSource data, double temperature, Path folder, Texts texts) {
        this.session = session;
        this.data = data;
        this.temperature = temperature;
        this.folder = folder;
        this.texts = texts;
    }

    /** Hears how many of all rows are done. */
    interface Progress {
        void done(long rows, long all);
    }

    /** What was scored, and where it lies. */
    record Scored(ScoredPrompts prompts, Path file, long badRows) {}

    /**
     * Scores them.
     *
     * @param promises whether something is to be promised from them, which is not done where the head was fitted on some: that is
     *     told before hours of work
     */
    Scored run(boolean promises, Progress progress) throws IOException, InterruptedException {
        RowLabels labels = session.rowLabels();
        DataSource.Contents contents = data.check(labels, session.labels(), session.fitted(), texts);
        if (promises && contents.fitted() > 0) {
            throw new DemurException(texts.get("task.fittedRows", contents.fitted(), contents.rows()));
        }
        PromptScorer scorer = session.scorer();
        ScoreMeta meta = scorer.meta(null, temperature, contents.hash());
        PrivateFiles.createFolder(folder);
        Path file = file(meta);
        try (ScoreWriter writer = ScoreWriter.open(file, meta);
                PromptSource prompts = data.open(labels)) {
            scorer.score(prompts, null, temperature, sink(writer, contents.rows(), progress));
        }
        if (!Files.exists(file)) {
            throw new DemurException(texts.get("data.empty", data.name(texts)));
        }
        return new Scored(ScoreFile.read(file, null, warning -> {}), file, bad);
    }

    /** One file for each model, readout, &tau; and data set, so that a run is found again. */
    private Path file(ScoreMeta meta) {
        String of = meta.fingerprint() + meta.readout() + meta.temperature() + meta.dataHash() + meta.engine();
        String name = PromptHash.of(of).substring(0, NAME_DIGITS);
        return folder.resolve("scores-" + name + ".jsonl");
    }

    private ScoreSink sink(ScoreWriter writer, long all, Progress progress) {
        Predicate<String> fitted = session.fitted();
        return new ScoreSink() {
            private long done;

            @Override
            public boolean wants(LabelledPrompt prompt) {
                return writer.lacks(prompt);
            }

            @Override
            public void scored(LabelledPrompt prompt, Reading reading) {
                writer.write(prompt, reading, fitted.test(prompt.text()));
                progress.done(++done, all);
            }

            @Override
            public void skipped(LabelledPrompt prompt) {
                progress.done(++done, all);
            }

            @Override
            public void failed(long line, String problem) {
                bad++;
                progress.done(++done, all);
            }
        };
    }
}
