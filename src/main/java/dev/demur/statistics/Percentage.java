package dev.demur.statistics;

import dev.demur.arguments.Given;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Promised shares in percent, in as few digits as are true: {@code 2 %}, {@code 95 %}, {@code 0.04 %}.
 *
 * <p>A share with at most two decimals in percent stands as it is. Others have one decimal, or two digits where the share, or
 * what it lacks of 100 %, is smaller than that; they are rounded so that no more is said than is promised. A share is taken
 * for the number that it is written as: 0.05 as a double is a little more, and still 5 %.
 */
public final class Percentage {

    private static final int MOST_EXACT_DECIMALS = 2;
    private static final BigDecimal ALL = BigDecimal.valueOf(100);

    private Percentage() {}

    /**
     * An upper bound, rounded up.
     *
     * @param share in [0, 1]
     * @return percent, without zeros at its end
     */
    public static BigDecimal atMost(double share) {
        return outward(exact(share), RoundingMode.CEILING);
    }

    /**
     * A lower bound, rounded down.
     *
     * @param share in [0, 1]
     * @return percent, without zeros at its end
     */
    public static BigDecimal atLeast(double share) {
        return ALL.subtract(outward(ALL.subtract(exact(share)), RoundingMode.CEILING));
    }

    /**
     * A share that somebody chose, such as a confidence: as it is.
     *
     * @param share in [0, 1]
     * @return percent, without zeros at its end
     */
    public static BigDecimal exact(double share) {
        return stripped(BigDecimal.valueOf(share).movePointRight(2));
    }

    /** Percent in English, as {@code 2 %}. */
    public static String text(BigDecimal percent) {
        return Given.value(percent, "percent").toPlainString() + " %";
    }

    /** How far a bound lies from 0, or a lower one from 100: never rounded to less. */
    private static BigDecimal outward(BigDecimal percent, RoundingMode rounding) {
        if (percent.scale() <= MOST_EXACT_DECIMALS) {
            return percent;
        }
        BigDecimal twoDigits = percent.round(new MathContext(2, rounding));
        BigDecimal oneDecimal = percent.setScale(1, rounding);
        return stripped(twoDigits.min(oneDecimal));
    }

    private static BigDecimal stripped(BigDecimal number) {
        BigDecimal stripped = number.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }
}
