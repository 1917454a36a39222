package dev.demur.scoring;

import java.util.HexFormat;

/** A prompt's hash; never zero in both halves. */
record HashKey(long high, long low) {

    private static final int HALF = 16;

    static HashKey of(String digits) {
        long high = Long.parseUnsignedLong(digits, 0, HALF, HALF);
        long low = Long.parseUnsignedLong(digits, HALF, 2 * HALF, HALF);
        return new HashKey(high, high == 0 && low == 0 ? 1 : low);
    }

    /** As it is written in a score file. */
    String digits() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
