package dev.demur.statistics;

import dev.demur.DemurException;
import dev.demur.statistics.numeric.Bisection;
import dev.demur.statistics.numeric.UnitInterval;
import org.apache.commons.numbers.gamma.RegularizedBeta;

/**
 * Exact confidence bounds for a binomial rate, and what they allow.
 *
 * <p>Source: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
 * Biometrika 26 (1934). All are quantiles of Beta distributions; a quantile here is the smallest double at which the
 * distribution function, as computed by Commons Numbers, reaches the probability.
 */
public final class ClopperPearson {

    private ClopperPearson() {}

    /**
     * The upper bound on a rate after {@code count} of {@code n}: Beta<sup>-1</sup>(confidence; count+1, n-count), and 1
     * for n of n. The rate lies above it with a probability of at most 1 - confidence.
     */
    public static double upper(int count, int n, double confidence) {
        requireCount(count, n);
        UnitInterval.requireInside("confidence", confidence);
        return count == n ? 1 : quantile(confidence, count + 1.0, n - (double) count);
    }

    /**
     * The lower bound on a rate after {@code count} of {@code n}: Beta<sup>-1</sup>(1 - confidence; count, n-count+1),
     * and 0 for none.
     */
    public static double lower(int count, int n, double confidence) {
        requireCount(count, n);
        UnitInterval.requireInside("confidence", confidence);
        return count == 0 ? 0 : quantile(1 - confidence, count, n - count + 1.0);
    }

    /** The two-sided interval, each of whose ends misses the rate with a probability of at most (1 - confidence)/2. */
    public static Interval interval(int count, int n, double confidence) {
        double oneSided = 1 - (1 - confidence) / 2;
        return new Interval(lower(count, n, oneSided), upper(count, n, oneSided));
    }

    /**
     * How many of {@code n} there may be at most for the {@linkplain #upper upper bound} to stay at or below the target.
     *
     * @param target the rate, in (0, 1)
     * @return the largest such count, or -1 if even none of n is too many
     */
    public static int allowed(int n, double target, double confidence) {
        requireCount(0, n);
        UnitInterval.requireInside("target", target);
        UnitInterval.requireInside("confidence", confidence);
        int possible = -1;
        int impossible = n; // for n of n the bound is 1
        while (impossible - possible > 1) {
            int middle = (possible + impossible) >>> 1;
            if (reaches(confidence, target, middle + 1.0, n - (double) middle)) {
                possible = middle;
            } else {
                impossible = middle;
            }
        }
        return possible;
    }

    /** The smallest n for which {@link #allowed} is not -1: the smallest with (1 - target)^n &le; 1 - confidence. */
    public static int rowsNeeded(double target, double confidence) {
        UnitInterval.requireInside("target", target);
        UnitInterval.requireInside("confidence", confidence);
        double estimate = Math.ceil(Math.log1p(-confidence) / Math.log1p(-target));
        if (estimate >= Integer.MAX_VALUE) {
            throw new DemurException("target: " + target + " would need more than 2^31 rows");
        }
        int n = (int) Math.max(1, estimate - 2); // what rounding may have moved is searched
        while (allowed(n, target, confidence) < 0) {
            n++;
        }
        return n;
    }

    private static double quantile(double probability, double a, double b) {
        return Bisection.smallest(x -> reaches(probability, x, a, b));
    }

    /** Whether the distribution function of Beta(a, b) at x is at least the probability. */
    private static boolean reaches(double probability, double x, double a, double b) {
        return RegularizedBeta.value(x, a, b) >= probability;
    }

    private static void requireCount(int count, int n) {
        if (count < 0 || n < count) {
            throw new IllegalArgumentException(count + " of " + n + " is no count");
        }
    }
}
