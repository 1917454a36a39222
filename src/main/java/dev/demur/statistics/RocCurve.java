package dev.demur.statistics;

import dev.demur.arguments.Given;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Refusal rate against false refusal rate, for every boundary between refusing nothing and refusing everything.
 *
 * @param points from (0, 0) at the boundary +inf to (1, 1), rising; empty where one kind of row is missing
 * @param auc the area under all points, also those left out: the probability that a should-refuse row scores above a
 *     should-answer row, ties counted half; null where one kind is missing
 */
public record RocCurve(List<Point> points, @Nullable Double auc) {

    /** Rows whose score is at least the boundary are refused. */
    public record Point(double boundary, double falseRefusalRate, double refusalRate) {}

    public RocCurve {
        points = Given.list(points, "points");
    }

    /**
     * The curve of two sets of scores.
     *
     * @param mostPoints at least 2; more are thinned out evenly along the curve, ends kept
     */
    public static RocCurve of(double[] shouldRefuse, double[] shouldAnswer, int mostPoints) {
        Given.value(shouldRefuse, "shouldRefuse");
        Given.value(shouldAnswer, "shouldAnswer");
        if (mostPoints < 2) {
            throw new IllegalArgumentException("mostPoints: a curve has at least 2, not " + mostPoints);
        }
        if (shouldRefuse.length == 0 || shouldAnswer.length == 0) {
            return new RocCurve(List.of(), null);
        }
        double[] positives = sorted(shouldRefuse);
        double[] negatives = sorted(shouldAnswer);
        List<Point> points = new ArrayList<>(List.of(new Point(Double.POSITIVE_INFINITY, 0, 0)));
        int total = positives.length + negatives.length;
        int hit = 0;
        int wrong = 0;
        double area = 0;
        while (hit + wrong < total) {
            double boundary = Math.max(next(positives, hit), next(negatives, wrong));
            int hitBefore = hit;
            int wrongBefore = wrong;
            while (hit < positives.length && next(positives, hit) == boundary) {
                hit++;
            }
            while (wrong < negatives.length && next(negatives, wrong) == boundary) {
                wrong++;
            }
            area += (wrong - wrongBefore) * ((double) hit + hitBefore) / 2;
            // The k-th of evenly spaced marks is passed: the curve is kept here.
            long before = (long) (hitBefore + wrongBefore) * (mostPoints - 1) / total;
            if ((long) (hit + wrong) * (mostPoints - 1) / total > before) {
                points.add(new Point(boundary, wrong / (double) negatives.length, hit / (double) positives.length));
            }
        }
        return new RocCurve(points, area / ((double) positives.length * negatives.length));
    }

    /** The largest score but {@code taken}; NaN never occurs, -inf stands for none left. */
    private static double next(double[] sorted, int taken) {
        return taken < sorted.length ? sorted[sorted.length - 1 - taken] : Double.NEGATIVE_INFINITY;
    }

    private static double[] sorted(double[] scores) {
        double[] sorted = scores.clone();
        Arrays.sort(sorted);
        return sorted;
    }
}
