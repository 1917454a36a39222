package dev.demur.statistics.numeric;

import java.util.function.DoublePredicate;

/** Search on the doubles of [0, 1], whose bits are ordered as they are: 62 steps, to the last bit. */
public final class Bisection {

    private Bisection() {}

    /** The smallest for which a predicate holds that, once it holds, holds for all greater ones; it must hold at 1. */
    public static double smallest(DoublePredicate holds) {
        if (holds.test(0)) {
            return 0;
        }
        long low = Double.doubleToRawLongBits(0.0);
        long high = Double.doubleToRawLongBits(1.0);
        while (high - low > 1) {
            long middle = (low + high) >>> 1;
            if (holds.test(Double.longBitsToDouble(middle))) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return Double.longBitsToDouble(high);
    }
}
