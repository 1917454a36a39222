package dev.demur.statistics;

/** A confidence interval for a rate: both ends in [0, 1]. */
public record Interval(double low, double high) {

    public Interval {
        if (!(low >= 0 && low <= high && high <= 1)) {
            throw new IllegalArgumentException("[" + low + ", " + high + "] is not an interval in [0, 1]");
        }
    }
}
