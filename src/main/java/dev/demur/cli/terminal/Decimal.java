package dev.demur.cli.terminal;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Numbers as a person reads them, without the machinery and the locale of {@code String.format}. */
public final class Decimal {

    private static final int FOUR_PLACES = 10_000;
    private static final int WIDTH = 4;
    private static final int FEWEST = 2;
    private static final int MOST = 10;

    private Decimal() {}

    /**
     * A probability with four decimals, 7 characters wide; a value that is not 0 or 1 never looks as if it were, as in
     * {@code <0.0001}.
     */
    public static String probability(double p) {
        long rounded = Math.round(p * FOUR_PLACES);
        if (rounded == 0 && p > 0) {
            return "<0.0001";
        }
        if (rounded == FOUR_PLACES && p < 1) {
            return ">0.9999";
        }
        String digits = Long.toString(rounded % FOUR_PLACES);
        return " " + rounded / FOUR_PLACES + "." + "0".repeat(WIDTH - digits.length()) + digits;
    }

    /**
     * A number of a policy in two decimals, without zeros at its end: {@code 0.48}, {@code 0.5}. In more where it would look
     * like 0 or 1 and is neither: {@code 0.0004}.
     */
    public static String brief(double value) {
        for (int places = FEWEST; places < MOST; places++) {
            BigDecimal rounded = rounded(value, places);
            if (!feigns(value, rounded)) {
                return text(rounded);
            }
        }
        return plain(value);
    }

    /** A threshold, in as many decimals as it takes to see on which side of it a score of four decimals lies. */
    public static String brief(double threshold, double score) {
        BigDecimal shown = rounded(score, WIDTH);
        for (int places = Math.max(FEWEST, new BigDecimal(brief(threshold)).scale()); places < MOST; places++) {
            BigDecimal rounded = rounded(threshold, places);
            if ((shown.compareTo(rounded) >= 0) == (score >= threshold)) {
                return text(rounded);
            }
        }
        return plain(threshold);
    }

    /** A score, the sign and the threshold that it reaches, in as many decimals as it takes to tell the two apart. */
    public static String reached(double score, String sign, double threshold) {
        for (int places = FEWEST; places < MOST && score > threshold; places++) {
            BigDecimal high = rounded(score, places);
            BigDecimal low = rounded(threshold, places);
            if (high.compareTo(low) > 0 && !feigns(score, high) && !feigns(threshold, low)) {
                return text(high) + sign + text(low);
            }
        }
        return brief(score) + sign + brief(threshold);
    }

    private static boolean feigns(double value, BigDecimal shown) {
        return (value == 0) != (shown.signum() == 0) || (value == 1) != (shown.compareTo(BigDecimal.ONE) == 0);
    }

    private static BigDecimal rounded(double value, int places) {
        return BigDecimal.valueOf(value).setScale(places, RoundingMode.HALF_UP);
    }

    private static String text(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }

    /** A number as it was typed: {@code 0.5}, {@code 1}, {@code -2.25}. */
    public static String plain(double value) {
        String text = Double.toString(value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
