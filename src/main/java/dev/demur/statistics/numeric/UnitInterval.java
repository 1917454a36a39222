package dev.demur.statistics.numeric;

/** The numbers between 0 and 1, as targets and confidences are: neither of the two is one. */
public final class UnitInterval {

    private UnitInterval() {}

    /**
     * Checks a number.
     *
     * @param name what the message calls it
     * @throws IllegalArgumentException if it is not inside
     */
    public static void requireInside(String name, double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException(name + ": " + value + " is not between 0 and 1");
        }
    }
}
