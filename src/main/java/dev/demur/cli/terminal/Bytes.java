package dev.demur.cli.terminal;

/** Sizes as a person reads them. */
public final class Bytes {

    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
    private static final int STEP = 1024;
    private static final int TENTHS = 10;

    private Bytes() {}

    /** The size with one decimal in the largest unit that leaves at least 1, as {@code 6.7 MiB}. */
    public static String text(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= STEP && unit < UNITS.length - 1) {
            value /= STEP;
            unit++;
        }
        return unit == 0 ? bytes + " B" : Math.round(value * TENTHS) / (double) TENTHS + " " + UNITS[unit];
    }
}
