package dev.demur.cli;

/** Numbers as a person reads them, without the machinery and the locale of {@code String.format}. */
final class Decimal {

    private static final int FOUR_PLACES = 10_000;
    private static final int WIDTH = 4;

    private Decimal() {}

    /**
     * A probability with four decimals, 7 characters wide; a value that is not 0 or 1 never looks as if it were, as in
     * {@code <0.0001}.
     */
    static String probability(double p) {
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

    /** A number as it was typed: {@code 0.5}, {@code 1}, {@code -2.25}. */
    static String plain(double value) {
        String text = Double.toString(value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
