package dev.demur.statistics;

import dev.demur.arguments.Given;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far probabilities mean what they say: rows in bins by probability, and the share in each that came true.
 *
 * @param bins of equal width over [0, 1], the empty ones left out
 * @param expectedError ECE, the mean over rows of |mean probability - share| of their bin; null: there are no rows
 */
public record Reliability(List<Bin> bins, @Nullable Double expectedError) {

    /**
     * Rows with a probability in [low, high), or up to 1 in the last bin.
     *
     * @param probability their mean probability
     * @param share the share of them that came true
     */
    public record Bin(double low, double high, int rows, double probability, double share) {}

    public Reliability {
        bins = Given.list(bins, "bins");
    }

    /**
     * Puts rows in bins.
     *
     * @param probabilities of the rows, in [0, 1]; a sum that rounding carried above 1 counts as 1
     * @param cameTrue for each row, whether what has the probability came true
     * @param count how many bins there are, at least 1
     * @throws IllegalArgumentException if the arrays differ in length, a probability is below 0 or not a number, or there is no bin
     */
    public static Reliability of(double[] probabilities, boolean[] cameTrue, int count) {
        Given.value(probabilities, "probabilities");
        Given.value(cameTrue, "cameTrue");
        if (probabilities.length != cameTrue.length) {
            throw new IllegalArgumentException(
                    probabilities.length + " probabilities, and " + cameTrue.length + " that came true or not");
        }
        if (count < 1) {
            throw new IllegalArgumentException("count: there is at least 1 bin, not " + count);
        }
        int[] rows = new int[count];
        int[] hits = new int[count];
        double[] sums = new double[count];
        for (int i = 0; i < probabilities.length; i++) {
            double p = Math.min(1, probabilities[i]);
            if (!(p >= 0)) {
                throw new IllegalArgumentException("probabilities: " + p + " is not in [0, 1]");
            }
            int bin = Math.min(count - 1, (int) (p * count));
            rows[bin]++;
            hits[bin] += cameTrue[i] ? 1 : 0;
            sums[bin] += p;
        }
        List<Bin> bins = new ArrayList<>();
        double error = 0;
        for (int b = 0; b < count; b++) {
            if (rows[b] > 0) {
                double share = hits[b] / (double) rows[b];
                bins.add(new Bin(b / (double) count, (b + 1) / (double) count, rows[b], sums[b] / rows[b], share));
                error += Math.abs(sums[b] - hits[b]);
            }
        }
        return new Reliability(bins, probabilities.length == 0 ? null : error / probabilities.length);
    }
}
