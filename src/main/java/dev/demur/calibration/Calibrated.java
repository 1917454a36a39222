package dev.demur.calibration;

import org.jspecify.annotations.Nullable;

/**
 * What calibration did for one category, or for all of them jointly, and what it promises.
 *
 * @param category a category's id; null: jointly
 * @param rows n, the number of rows that the promise rests on
 * @param allowed k, how many of them may be on the wrong side; null: nothing is promised
 * @param bound what is promised with the objective's confidence: the false refusal rate is at most this, or the refusal
 *     rate at least this; null: nothing is promised
 * @param f1 F1 on the rows at hand; null unless it was the objective and there was a threshold to choose
 * @param reason why nothing is promised; null: something is
 */
public record Calibrated(
        @Nullable String category,
        int rows,
        @Nullable Integer allowed,
        @Nullable Double bound,
        @Nullable Double f1,
        @Nullable String reason) {

    static Calibrated promised(@Nullable String category, int rows, int allowed, double bound) {
        return new Calibrated(category, rows, allowed, bound, null, null);
    }

    static Calibrated unpromised(@Nullable String category, int rows, String reason) {
        return new Calibrated(category, rows, null, null, null, reason);
    }
}
