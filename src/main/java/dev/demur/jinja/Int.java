package dev.demur.jinja;

import java.math.BigInteger;

/**
 * A whole number.
 *
 * @param value of any size up to {@link #MOST_BITS}
 * @param mark where it comes from, as a text's
 */
record Int(BigInteger value, int mark) implements Value {

    static final int MOST_BITS = 4096;

    Int {
        if (value.bitLength() > MOST_BITS) {
            throw Failure.limit("a whole number has more than " + MOST_BITS + " bits");
        }
    }

    static Int of(long value) {
        return new Int(BigInteger.valueOf(value), 0);
    }

    @Override
    public String type() {
        return "int";
    }

    @Override
    public boolean truth() {
        return value.signum() != 0;
    }
}
