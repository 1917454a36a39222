package dev.demur.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Scores of rows by heads that were fitted without the folds that the rows lie in. */
final class CrossFit {

    private final double[][] coordinates;
    private final int[] labels;
    private final double[] weights;
    private final int labelCount;
    private final double[][] moments;
    private final Workers workers;

    /**
     * @param coordinates of all rows
     * @param moments as {@link Preconditioner#moments} gives them
     */
    CrossFit(
            double[][] coordinates,
            int[] labels,
            double[] weights,
            int labelCount,
            double[][] moments,
            Workers workers) {
        this.coordinates = coordinates;
        this.labels = labels;
        this.weights = weights;
        this.labelCount = labelCount;
        this.moments = moments;
        this.workers = workers;
    }

    /** The coefficients of a head that is fitted on rows. */
    double[] fit(int[] rows, Recipe recipe, SoftmaxRegression.Precision precision) throws InterruptedException {
        TrainingSet set = set(rows);
        return recipe.isClassMeans()
                ? ClassMeans.fit(set)
                : SoftmaxRegression.fit(set, moments, recipe.l2(), null, precision, workers);
    }

    private TrainingSet set(int[] rows) {
        return new TrainingSet(coordinates, rows, labels, weights, labelCount);
    }

    /**
     * The probabilities of the labels of rows, each by the head that did not see its fold.
     *
     * @param trained the rows that heads are fitted on
     * @param scored the rows to score
     * @return by the number of the row; null for the others
     */
    double[][] scores(Folds folds, int[] trained, int[] scored, Recipe recipe) throws InterruptedException {
        double[][] out = new double[coordinates.length][];
        for (int fold = 0; fold < folds.count(); fold++) {
            int[] rows = folds.outside(fold, trained);
            double[] theta = fit(rows, recipe, SoftmaxRegression.Precision.FINE);
            TrainingSet set = set(rows);
            for (int row : folds.in(fold, scored)) {
                out[row] = set.probabilities(theta, row);
            }
        }
        return out;
    }

    /**
     * How well each penalty, and class means as the last, tell rows to refuse from rows to answer that lie in another fold.
     *
     * @param rows those that are fitted on and scored
     */
    List<Separation> compare(Folds folds, int[] rows) throws InterruptedException {
        int recipes = Recipe.PENALTIES.length + 1;
        double[][] odds = new double[recipes][coordinates.length];
        for (int fold = 0; fold < folds.count(); fold++) {
            TrainingSet set = set(folds.outside(fold, rows));
            int[] left = folds.in(fold, rows);
            double @Nullable [] theta = null;
            for (int i = 0; i < recipes; i++) {
                theta = i == Recipe.PENALTIES.length
                        ? ClassMeans.fit(set)
                        : SoftmaxRegression.fit(
                                set, moments, Recipe.PENALTIES[i], theta, SoftmaxRegression.Precision.ROUGH, workers);
                for (int row : left) {
                    odds[i][row] = odds(set.probabilities(theta, row));
                }
            }
        }
        List<Separation> found = new ArrayList<>();
        for (double[] own : odds) {
            found.add(separation(own, rows));
        }
        return found;
    }

    /** How well the scores of rows tell those to refuse from those to answer. */
    Separation separation(double[][] scores, int[] rows) {
        double[] odds = new double[coordinates.length];
        for (int row : rows) {
            odds[row] = odds(scores[row]);
        }
        return separation(odds, rows);
    }

    private Separation separation(double[] odds, int[] rows) {
        int respond = labelCount - 1;
        double[] refuse = Arrays.stream(rows)
                .filter(row -> labels[row] != respond)
                .mapToDouble(row -> odds[row])
                .toArray();
        double[] answer = Arrays.stream(rows)
                .filter(row -> labels[row] == respond)
                .mapToDouble(row -> odds[row])
                .toArray();
        return Separation.of(refuse, answer);
    }

    /** The log-odds of being refused: sums of small numbers, of which none is lost near 0 or 1. */
    private static double odds(double[] p) {
        double refuse = 0;
        for (int c = 0; c + 1 < p.length; c++) {
            refuse += p[c];
        }
        return StrictMath.log(Math.max(refuse, Double.MIN_NORMAL))
                - StrictMath.log(Math.max(p[p.length - 1], Double.MIN_NORMAL));
    }
}
