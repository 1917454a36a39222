package dev.demur.cli.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Measured rates as a person reads them, with one decimal; intervals are rounded outward. */
public final class Percent {

    private static final String NOTHING = "-";
    private static final double SMALLEST_SHOWN = 0.0005;

    private Percent() {}

    /** As {@code 4.9 %}; {@code <0.1 %} and {@code >99.9 %} for what only rounds to nothing and all, {@code -} for null. */
    public static String of(@Nullable Double rate) {
        if (rate == null) {
            return NOTHING;
        }
        if (rate > 0 && rate < SMALLEST_SHOWN) {
            return "<0.1 %";
        }
        if (rate < 1 && rate > 1 - SMALLEST_SHOWN) {
            return ">99.9 %";
        }
        return rounded(rate, RoundingMode.HALF_UP) + " %";
    }

    /** An interval, as {@code [3.1, 5.2]}; both ends are rounded outward. */
    public static String interval(double low, double high) {
        return "[" + rounded(low, RoundingMode.FLOOR) + ", " + rounded(high, RoundingMode.CEILING) + "]";
    }

    /** A change, as {@code +3.1}, in points of percent. */
    public static String change(@Nullable Double change) {
        if (change == null) {
            return NOTHING;
        }
        String text = rounded(change, RoundingMode.HALF_UP);
        return change > 0 && !text.equals("0.0") ? "+" + text : text.equals("-0.0") ? "0.0" : text;
    }

    /** Of the number as it is written in decimal: 0.05 as a double is a little more, and still 5 %. */
    private static String rounded(double rate, RoundingMode mode) {
        return BigDecimal.valueOf(rate).movePointRight(2).setScale(1, mode).toPlainString();
    }
}
