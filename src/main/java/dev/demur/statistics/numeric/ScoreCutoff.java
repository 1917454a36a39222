package dev.demur.statistics.numeric;

import java.util.Arrays;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;

/** Where scores are split, found in the scores alone: one function for every rule, category and shift. */
public final class ScoreCutoff {

    private ScoreCutoff() {}

    /** The (k+1)-th largest score: no more than k lie above it. */
    public static double above(double[] scores, int k) {
        double[] sorted = sorted(scores);
        return sorted[sorted.length - 1 - k];
    }

    /** The (k+1)-th smallest score: no more than k lie below it. */
    public static double from(double[] scores, int k) {
        return sorted(scores)[k];
    }

    /** A boundary, and F1 if all scores from it on are refused. */
    public record Best(double boundary, double f1) {}

    /**
     * The boundary with the largest F1, of equals the highest.
     *
     * @param possible which boundaries there may be
     * @return null if there is none among the scores that should be refused
     */
    public static @Nullable Best maxF1(double[] shouldRefuse, double[] shouldAnswer, DoublePredicate possible) {
        double[] positives = sorted(shouldRefuse);
        double[] negatives = sorted(shouldAnswer);
        long bestHits = 0;
        long bestOthers = 1;
        double best = Double.NaN;
        int refused = negatives.length;
        int first = positives.length;
        while (first > 0) {
            double boundary = positives[first - 1];
            while (first > 0 && positives[first - 1] == boundary) {
                first--;
            }
            while (refused > 0 && negatives[refused - 1] >= boundary) {
                refused--;
            }
            int hits = positives.length - first;
            long others = (long) hits + (negatives.length - refused) + positives.length; // F1 = 2 hits / others
            if (possible.test(boundary) && hits * bestOthers > bestHits * others) {
                bestHits = hits;
                bestOthers = others;
                best = boundary;
            }
        }
        return bestHits == 0 ? null : new Best(best, 2.0 * bestHits / bestOthers);
    }

    /** Without -0.0, which sorting would put below the 0.0 that it equals. */
    private static double[] sorted(double[] scores) {
        double[] sorted = new double[scores.length];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = scores[i] + 0.0;
        }
        Arrays.sort(sorted);
        return sorted;
    }
}
