package dev.demur.cli;

import dev.demur.calibration.ScoreFile;
import dev.demur.calibration.ScoreMeta;
import dev.demur.policy.Category;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.Readout;
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

    private static final int OTHER_TOKEN = 7;
    private static final double SPREAD = 1.6;

    private SyntheticScores() {}

    /** Writes {@code rows} rows, a third of each kind, and their meta file. */
    static Path write(Path file, int rows, long seed) throws IOException {
        return write(file, rows, seed, 1);
    }

    static Path write(Path file, int rows, long seed, double tau) throws IOException {
        Random random = new Random(seed);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            int c = random.nextInt(PaperTokens.CATEGORIES.respondIndex());
            Category category = PaperTokens.CATEGORIES.categories().get(c);
            int kind = i % 3;
            boolean refuse = kind == 0;
            boolean nearMiss = kind == 1;
            Readout readout = readout(random, tau, c, refuse ? 3 : nearMiss ? -1.5 : -4);
            lines.add(ScoreFile.line("r" + i, refuse || nearMiss ? category.id() : null, refuse, readout));
        }
        new ScoreMeta("synthetic", "chatml", null, tau, PaperTokens.CATEGORIES, "data-" + seed, null)
                .write(ScoreMeta.beside(file));
        return Files.write(file, lines);
    }

    /** Logits around {@code lead} for the category, 0 for respond, far less for the rest. */
    private static Readout readout(Random random, double tau, int category, double lead) {
        int respond = PaperTokens.CATEGORIES.respondIndex();
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
        int argmax = weights[best] * total > rest ? PaperTokens.CATEGORIES.token(best) : OTHER_TOKEN;
        return Readout.ofProbabilities(PaperTokens.CATEGORIES, tau, weights, argmax);
    }
}
