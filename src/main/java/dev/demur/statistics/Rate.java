package dev.demur.statistics;

import org.jspecify.annotations.Nullable;

/**
 * A share of rows.
 *
 * @param count how many of them
 * @param rows of how many
 * @param interval the Clopper&ndash;Pearson interval for fresh rows from the same source; null: there are no rows, or
 *     the thresholds were chosen on them, so that no interval from them holds
 */
public record Rate(int count, int rows, @Nullable Interval interval) {

    public Rate {
        if (count < 0 || rows < count) {
            throw new IllegalArgumentException(count + " of " + rows + " is no count");
        }
    }

    /**
     * A rate with the interval that follows from its counts.
     *
     * @param count from 0 to {@code rows}
     * @param rows at least 0; of none there is no interval
     * @param confidence of the interval, between 0 and 1; null: no interval
     * @throws IllegalArgumentException if {@code count} is no count of {@code rows}, or the confidence is out of its range
     */
    public static Rate of(int count, int rows, @Nullable Double confidence) {
        return confidence == null || rows == 0
                ? new Rate(count, rows, null)
                : new Rate(count, rows, ClopperPearson.interval(count, rows, confidence));
    }

    /** Null: there are no rows. */
    public @Nullable Double value() {
        return rows == 0 ? null : count / (double) rows;
    }
}
