package dev.demur.cli.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Numbers between 0 and 1 that are no rates, as thresholds and F1. */
public final class Digits {

    private static final int PLACES = 4;
    private static final double SMALLEST_SHOWN = 0.00005;

    private Digits() {}

    /** Four decimals; what is not 0 or 1 never looks as if it were, as {@code <0.0001}; {@code -} for null. */
    public static String four(@Nullable Double value) {
        if (value == null) {
            return "-";
        }
        if (value > 0 && value < SMALLEST_SHOWN) {
            return "<0.0001";
        }
        if (value < 1 && value > 1 - SMALLEST_SHOWN) {
            return ">0.9999";
        }
        return BigDecimal.valueOf(value).setScale(PLACES, RoundingMode.HALF_UP).toPlainString();
    }

    /** Up to three decimals, as few as it takes: {@code -2.25}. */
    public static String few(double value) {
        BigDecimal rounded = BigDecimal.valueOf(value).setScale(3, RoundingMode.HALF_UP);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }
}
