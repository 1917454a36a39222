package dev.demur.cli;

import dev.demur.policy.Category;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.Reading;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoreMeta;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Score files such as a tuned model leaves: should-refuse prompts mostly near 1 for their category, should-answer prompts
 * near 0, near misses between them, and a little probability everywhere.
 */
final class SyntheticScores {

    private static final double SPREAD = 1.6;
    private static final Labels LABELS = PaperTokens.CATEGORIES.labels();

    private SyntheticScores() {}

    /** Writes {@code rows} rows, a third of each kind, and their meta file. */
    static Path write(Path file, int rows, long seed) throws IOException {
        return write(file, rows, seed, 1);
    }

    static Path write(Path file, int rows, long seed, double tau) throws IOException {
        Random random = new Random(seed);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            int c = random.nextInt(LABELS.respondIndex());
            Category category = LABELS.categories().get(c);
            int kind = i % 3;
            boolean refuse = kind == 0;
            boolean nearMiss = kind == 1;
            Reading reading = reading(random, tau, c, refuse ? 3 : nearMiss ? -1.5 : -4);
            lines.add(ScoreFile.line("r" + i, refuse || nearMiss ? category.id() : null, refuse, reading));
        }
        new ScoreMeta(
                        "synthetic",
                        "chatml",
                        null,
                        tau,
                        LABELS,
                        PaperTokens.CATEGORIES.identity(),
                        "data-" + seed,
                        null,
                        null,
                        null)
                .write(ScoreMeta.beside(file));
        return Files.write(file, lines);
    }

    /** Logits around {@code lead} for the category, 0 for respond, far less for the rest. */
    private static Reading reading(Random random, double tau, int category, double lead) {
        int respond = LABELS.respondIndex();
        double[] weights = new double[respond + 1];
        double rest = Math.exp(-5 + random.nextGaussian());
        double total = rest;
        for (int i = 0; i <= respond; i++) {
            double mean = i == respond ? 0 : i == category ? lead : -5;
            weights[i] = Math.exp((mean + SPREAD * random.nextGaussian()) / tau);
            total += weights[i];
        }
        int best = 0;
        for (int i = 0; i <= respond; i++) {
            best = weights[i] > weights[best] ? i : best;
            weights[i] /= total;
        }
        int choice = weights[best] * total > rest ? best : LabelNumbers.NO_LABEL;
        return Reading.ofProbabilities(LABELS, tau, weights, choice);
    }
}
