package dev.demur.cli.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * An axis of a plot: where a value lies on it, and which values are written beside it.
 *
 * @param title what is measured
 * @param low the value at its beginning
 * @param high the value at its end
 * @param ticks from low to high
 */
record Axis(String title, Scale scale, double low, double high, List<Tick> ticks) {

    /** A value that is marked. */
    record Tick(double value, String label) {}

    /** How values are spread. */
    enum Scale {
        LINEAR {
            @Override
            double of(double value) {
                return value;
            }
        },
        /** Gives small shares room, and has a place for 0. */
        ROOT {
            @Override
            double of(double value) {
                return Math.sqrt(value);
            }
        },
        LOG_ODDS {
            @Override
            double of(double value) {
                return Math.log(value) - Math.log1p(-value);
            }
        };

        abstract double of(double value);
    }

    private static final double[] SHARES = {0, 0.2, 0.4, 0.6, 0.8, 1};
    private static final double[] SMALL_SHARES = {0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1};
    private static final double[] SPREAD_SHARES = {
        0.000001, 0.00001, 0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999
    };
    private static final int MOST_STEPS = 6;
    private static final double[] STEPS = {1, 2, 5, 10};

    Axis {
        ticks = List.copyOf(ticks);
    }

    /** Shares from 0 to 1, as percentages. */
    static Axis share(String title) {
        return new Axis(title, Scale.LINEAR, 0, 1, ticks(SHARES, Axis::percent));
    }

    /** Shares from 0 to 1, as percentages; the small ones get more room. */
    static Axis smallShare(String title) {
        return new Axis(title, Scale.ROOT, 0, 1, ticks(SMALL_SHARES, Axis::percent));
    }

    /** Probabilities from 0 to 1, evenly spread. */
    static Axis probability(String title) {
        return new Axis(title, Scale.LINEAR, 0, 1, ticks(SHARES, Digits::few));
    }

    /**
     * Probabilities spread by their log-odds, from a round one below the values to one above them.
     *
     * @param values those that must have a place; 0 and 1, which have none, lie at the ends
     */
    static Axis logOdds(String title, double... values) {
        int first = SPREAD_SHARES.length / 2 - 2;
        int last = SPREAD_SHARES.length / 2 + 2;
        for (double value : values) {
            while (first > 0 && value > 0 && value < SPREAD_SHARES[first]) {
                first--;
            }
            while (last < SPREAD_SHARES.length - 1 && value < 1 && value > SPREAD_SHARES[last]) {
                last++;
            }
        }
        double[] shown = Arrays.copyOfRange(SPREAD_SHARES, first, last + 1);
        return new Axis(title, Scale.LOG_ODDS, shown[0], shown[shown.length - 1], ticks(shown, Axis::plain));
    }

    /** Any numbers, from a round one below the lowest to a round one above the highest. */
    static Axis numbers(String title, double lowest, double highest) {
        double span = Math.max(highest - lowest, 1e-9);
        double power = Math.pow(10, Math.floor(Math.log10(span / MOST_STEPS)));
        double step = power;
        for (double factor : STEPS) {
            step = factor * power;
            if (span / step <= MOST_STEPS) {
                break;
            }
        }
        long from = (long) Math.floor(lowest / step);
        long to = (long) Math.ceil(highest / step);
        List<Tick> ticks = new ArrayList<>();
        for (long i = from; i <= to; i++) {
            ticks.add(new Tick(i * step, Digits.few(i * step)));
        }
        return new Axis(title, Scale.LINEAR, from * step, to * step, ticks);
    }

    private static List<Tick> ticks(double[] values, DoubleFunction<String> label) {
        List<Tick> ticks = new ArrayList<>();
        for (double value : values) {
            ticks.add(new Tick(value, label.apply(value)));
        }
        return ticks;
    }

    private static String percent(double share) {
        return Math.round(share * 100) + " %";
    }

    private static String plain(double value) {
        return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
    }

    /** From 0 at the beginning to 1 at the end; values beyond lie at the ends. */
    double position(double value) {
        if (!(value > low)) {
            return 0;
        }
        if (!(value < high)) {
            return 1;
        }
        return (scale.of(value) - scale.of(low)) / (scale.of(high) - scale.of(low));
    }
}
