package dev.demur.statistics.numeric;

/**
 * Distances between a score and a threshold in log-odds, and the thresholds at a distance.
 *
 * <p>StrictMath, whose log and log1p never fall where their argument rises: so a computed distance never falls where the
 * score rises, and a threshold found by {@link Bisection} splits the scores exactly where their distances are split.
 */
public final class LogOdds {

    private LogOdds() {}

    /** ln(s / (1 - s)); -inf at 0, +inf at 1 and, for sums that rounding carries there, above it. */
    public static double of(double s) {
        return s >= 1 ? Double.POSITIVE_INFINITY : StrictMath.log(s) - StrictMath.log1p(-s);
    }

    /** How far a score lies above a threshold in [0, 1]; 0 if they are equal, also where both are infinite. */
    public static double distance(double score, double threshold) {
        return score == threshold ? 0 : of(score) - of(threshold);
    }

    /** The threshold that lies at a finite distance above another one. */
    public static double moved(double threshold, double distance) {
        double odds = StrictMath.exp(of(threshold) + distance);
        return odds == Double.POSITIVE_INFINITY ? 1 : odds / (1 + odds);
    }
}
