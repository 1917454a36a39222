package dev.demur.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.calibration.CalibrationRequest;
import dev.demur.calibration.Calibrator;
import dev.demur.calibration.Objective;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.suites.Repetitions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Fits on made-up features, of which the truth is known. */
@NullMarked
class FittingTest {

    private static final Labels LABELS = new Labels(List.of(new Category("a", "A"), new Category("b", "B")));
    private static final int RESPOND = 2;

    private static final int RUNS = Integer.getInteger("demur.test.refits", Repetitions.of(200, 2_000));
    private static final long SEED = 20_261_130;
    private static final double TARGET = 0.1;
    private static final double CONFIDENCE = 0.9;
    private static final int ROWS = 150;
    private static final int FRESH = 4_000;

    /** A right program fails one such check in 150,000. */
    private static final double DEVIATIONS = 4.5;

    /** Rows of a label around its mean, which is one step along a feature of its own. */
    private static double[] row(Random random, int label, int width, double step) {
        double[] x = random.doubles(width).map(u -> random.nextGaussian()).toArray();
        x[label] += step;
        return x;
    }

    private static int label(Random random) {
        return random.nextInt(4) == 0 ? random.nextInt(2) : RESPOND;
    }

    private record Drawn(double[][] x, int[] labels) {
        static Drawn of(Random random, int rows, int width) {
            int[] labels = IntStream.range(0, rows).map(i -> label(random)).toArray();
            double[][] x = Arrays.stream(labels)
                    .mapToObj(label -> row(random, label, width, 1.5))
                    .toArray(double[][]::new);
            return new Drawn(x, labels);
        }

        double[] weights() {
            double[] weights = new double[labels.length];
            Arrays.fill(weights, 1);
            return weights;
        }

        ScoredPrompts scored(double[][] p) {
            ScoredPrompts.Builder builder = ScoredPrompts.builder(LABELS, 1);
            for (int i = 0; i < labels.length; i++) {
                boolean refuse = labels[i] != RESPOND;
                builder.add(Integer.toString(i), refuse ? LABELS.id(labels[i]) : null, refuse, p[i], 0);
            }
            return builder.build();
        }
    }

    /**
     * The promise that fit makes: thresholds from cross-fitted scores, for a head that is fitted on all rows. Of many refits no
     * more break it than its confidence allows, whether there are few features or more than rows of a category.
     */
    private static void assertPromiseHolds(int width) throws Exception {
        Random random = new Random(SEED + width);
        int broken = 0;
        double refused = 0;
        try (Workers workers = new Workers(1)) {
            for (int run = 0; run < RUNS; run++) {
                Drawn drawn = Drawn.of(random, ROWS, width);
                int[] all = IntStream.range(0, ROWS).toArray();
                double[][] moments = Preconditioner.moments(drawn.x, all, workers);
                CrossFit fits = new CrossFit(drawn.x, drawn.labels, drawn.weights(), LABELS.count(), moments, workers);
                Folds folds =
                        Folds.of(IntStream.of(all).mapToObj(Integer::toString).toList());
                Recipe recipe = new Recipe(1, 1e-2);
                RefusalPolicy policy = Calibrator.calibrate(
                                drawn.scored(fits.scores(folds, all, all, recipe)),
                                CalibrationRequest.of(
                                                Rule.THRESHOLD, new Objective.FalseRefusal(TARGET, CONFIDENCE, false))
                                        .jointly())
                        .policy();
                double[] theta = fits.fit(all, recipe, SoftmaxRegression.Precision.FINE);
                Drawn fresh = Drawn.of(random, FRESH, width);
                TrainingSet set = new TrainingSet(
                        fresh.x, IntStream.range(0, FRESH).toArray(), fresh.labels, fresh.weights(), LABELS.count());
                double[][] p = IntStream.range(0, FRESH)
                        .mapToObj(row -> set.probabilities(theta, row))
                        .toArray(double[][]::new);
                ScoredPrompts test = fresh.scored(p);
                var decisions = test.decide(policy);
                double rate = (double) decisions.refusals(test.shouldAnswer()) / test.shouldAnswer().length;
                broken += rate > TARGET ? 1 : 0;
                refused += (double) decisions.refusals(test.shouldRefuse()) / test.shouldRefuse().length / RUNS;
            }
        }
        double allowed = 1 - CONFIDENCE + DEVIATIONS * Math.sqrt(CONFIDENCE * (1 - CONFIDENCE) / RUNS);
        String found = broken + " of " + RUNS + " refits broke the promise, with " + width + " features; refused "
                + refused + " of what should be; seed " + SEED;
        assertTrue(broken <= allowed * RUNS, found);
        assertTrue(refused > TARGET, found);
    }

    @Test
    void a_promise_from_cross_fitted_scores_holds_with_few_features() throws Exception {
        assertPromiseHolds(4);
    }

    @Test
    void a_promise_from_cross_fitted_scores_holds_with_many_features() throws Exception {
        assertPromiseHolds(40);
    }

    /** The second value tells the source, and sources differ in their share of refusals; of a new source it tells nothing. */
    @Test
    void what_tells_the_source_is_not_taken_for_what_tells_the_label() throws Exception {
        Random random = new Random(3);
        int rows = 600;
        int width = 8;
        double[][] codes = new double[10][];
        for (int source = 0; source < codes.length; source++) {
            codes[source] = row(random, 0, width, 0);
        }
        int[] labels = new int[rows];
        double[][] x = new double[rows][];
        List<String> sources = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            int source = i % codes.length;
            labels[i] = random.nextInt(10) < (source % 2 == 0 ? 9 : 1) ? 0 : RESPOND;
            x[i] = Arrays.copyOf(row(random, 0, width, labels[i] == 0 ? 1.2 : 0), 2 * width);
            for (int d = 0; d < width; d++) {
                x[i][width + d] = codes[source][d] + 0.1 * random.nextGaussian();
            }
            sources.add("source " + source);
        }
        double[] weights = new double[rows];
        Arrays.fill(weights, 1);
        int[] all = IntStream.range(0, rows).toArray();
        List<String> alike = IntStream.of(all).mapToObj(Integer::toString).toList();
        Design design = new Design(labels, weights, LABELS.count(), all, all, alike, sources);
        Fitting.Fitted fitted;
        Fitting.Fitted again;
        Fitting.Fitted blind;
        try (Workers one = new Workers(1);
                Workers three = new Workers(3)) {
            fitted = new Fitting(new MemoryRows(x), width, design, 1, one, FitListener.NONE).run(1, 2);
            again = new Fitting(new MemoryRows(x), width, design, 1, three, FitListener.NONE).run(1, 2);
            Design unnamed = new Design(labels, weights, LABELS.count(), all, all, alike, List.of());
            blind = new Fitting(new MemoryRows(x), width, unnamed, 1, one, FitListener.NONE).run(1, 2);
        }
        assertEquals(1, fitted.recipe().values(), () -> "tried " + fitted.tried());
        assertEquals(2, blind.recipe().values(), () -> "tried " + blind.tried());
        assertTrue(fitted.leftOut().auc() > 0.7, () -> "" + fitted.leftOut());
        assertTrue(blind.alike().auc() > fitted.alike().auc(), () -> blind.alike() + " and " + fitted.alike());
        assertEquals(
                Arrays.toString(fitted.head().matrix()),
                Arrays.toString(again.head().matrix()));
    }
}
