package dev.demur.monitor;

import java.util.Arrays;

/**
 * A capital of 1, spread over bets of several sizes that begin at several times; what it has become is an e-value.
 *
 * <p>Each bet multiplies its capital by a factor whose expectation, given all that was before, is at most 1 where the
 * hypothesis holds. So the sum of all capitals has an expectation of at most 1 too, and exceeds 1/&alpha; at any time at all
 * with a probability of at most &alpha; (Ville). Old bets may be lost by the time when something changes; those that begin
 * just then are not.
 *
 * <p>Half of the capital is there from the first observation. Bet i = 1, 2, … begins before observation 16 (i - 1); with
 * j = floor(log2 i) it gets 1 / (2^j (j + 1) (j + 2)), and all of them together get 1. What no bet has yet lies idle.
 */
final class Bets {

    /** Observations between the beginnings of two bets. */
    static final int SPACING = 16;

    /** Nothing grows beyond it, which only makes the e-value smaller. */
    static final double MOST = 1e300;

    private final double[] capitals; // one for each size, of all bets that began
    private long observations;
    private double idle; // what no bet has yet
    private double value;
    private double largest;

    /** For bets of this many sizes. */
    Bets(int sizes) {
        this(new double[sizes], 0, 1);
    }

    /** As they were. */
    Bets(double[] capitals, long observations, double largest) {
        this.capitals = capitals.clone();
        this.observations = observations;
        this.largest = largest;
        this.idle = idle((observations + SPACING - 1) / SPACING);
        this.value = sum();
    }

    /** One observation, by which each size multiplies its capital. */
    void observe(double[] factors) {
        if (observations % SPACING == 0) {
            long bet = observations / SPACING + 1;
            double share = weight(bet) / capitals.length;
            for (int i = 0; i < capitals.length; i++) {
                capitals[i] += share;
            }
            idle = idle(bet);
        }
        observations++;
        for (int i = 0; i < capitals.length; i++) {
            capitals[i] = Math.min(MOST, capitals[i] * factors[i]);
        }
        value = sum();
        largest = Math.max(largest, value);
    }

    private double sum() {
        double sum = idle;
        for (double capital : capitals) {
            sum += capital;
        }
        return Math.min(MOST, sum);
    }

    /** The e-value now. */
    double value() {
        return value;
    }

    /** The largest e-value that there was. */
    double largest() {
        return largest;
    }

    long observations() {
        return observations;
    }

    double[] capitals() {
        return capitals.clone();
    }

    /** What is left when so many bets have begun. */
    private static double idle(long begun) {
        if (begun == 0) {
            return 1;
        }
        int block = block(begun);
        long left = (2L << block) - 1 - begun;
        return left * weight(begun) + 1.0 / (block + 2);
    }

    private static double weight(long bet) {
        int block = block(bet);
        return 1 / ((double) (1L << block) * (block + 1) * (block + 2));
    }

    private static int block(long bet) {
        return Long.SIZE - 1 - Long.numberOfLeadingZeros(bet);
    }

    @Override
    public String toString() {
        return "Bets[" + value + " after " + observations + ", " + Arrays.toString(capitals) + "]";
    }
}
