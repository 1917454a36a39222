package dev.demur.fit;

/** Numbers in half precision (IEEE 754 binary16): Java has the conversion from 20 on. */
final class Half {

    /** What moves a float's exponent to where that of a half is. */
    private static final float DOWN = 0x1p-112f;

    private static final float UP = 0x1p112f;
    private static final int DROPPED_BITS = 13;
    private static final int SIGN = 0x8000;

    private Half() {}

    /** The nearest half, ties to even, of a number whose absolute value is at most 65504. */
    static short of(float number) {
        int bits = Float.floatToRawIntBits(Math.abs(number) * DOWN);
        int rounded = bits + (1 << DROPPED_BITS - 1) - 1 + (bits >>> DROPPED_BITS & 1);
        int sign = Float.floatToRawIntBits(number) >>> 16 & SIGN;
        return (short) (sign | rounded >>> DROPPED_BITS);
    }

    /** The number that a finite half is. */
    static float toFloat(short half) {
        float number = Float.intBitsToFloat((half & SIGN - 1) << DROPPED_BITS) * UP;
        return (half & SIGN) == 0 ? number : -number;
    }
}
