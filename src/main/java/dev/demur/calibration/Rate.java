package dev.demur.calibration;

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

    /** @param confidence null: no interval */
    static Rate of(int count, int rows, @Nullable Double confidence) {
        return confidence == null || rows == 0
                ? new Rate(count, rows, null)
                : new Rate(count, rows, ClopperPearson.interval(count, rows, confidence));
    }

    /** Null: there are no rows. */
    public @Nullable Double value() {
        return rows == 0 ? null : count / (double) rows;
    }
}
