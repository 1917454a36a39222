package dev.demur.statistics;

import dev.demur.arguments.Given;
import dev.demur.statistics.numeric.ScoreCutoff;
import dev.demur.statistics.numeric.UnitInterval;
import org.jspecify.annotations.Nullable;

/**
 * How much of what should be refused is refused where a share of what should be answered is: a point of the ROC curve, of which
 * the true positive rate at a false positive rate is another name.
 *
 * @param falseRefusalRate the share, such as 0.05
 * @param refusal the refusal rate there; its interval also holds for the chance in where the point lies
 */
public record OperatingPoint(double falseRefusalRate, Rate refusal) {

    public OperatingPoint {
        Given.value(refusal, "refusal");
    }

    /**
     * The point on the rows at hand: rows that score above the threshold are refused, and no larger share of the should-answer
     * rows does.
     *
     * <p>The interval takes each of its four chances to be wrong to be a quarter of 1 - confidence: a threshold above which
     * at most that share of fresh prompts lies, and one above which at least that share does, are found among the should-answer
     * scores as in a calibration; the refusal rate of the first is bounded from below, that of the second from above.
     *
     * @param shouldRefuse the scores of what should be refused, in any order
     * @param shouldAnswer the scores of what should be answered, in any order
     * @param falseRefusalRate between 0 and 1
     * @param confidence of the interval, between 0 and 1; null: none
     * @return with a rate of no rows where either kind is missing
     * @throws IllegalArgumentException if the rate or the confidence is out of its range
     */
    public static OperatingPoint of(
            double[] shouldRefuse, double[] shouldAnswer, double falseRefusalRate, @Nullable Double confidence) {
        Given.value(shouldRefuse, "shouldRefuse");
        Given.value(shouldAnswer, "shouldAnswer");
        UnitInterval.requireInside("falseRefusalRate", falseRefusalRate);
        if (confidence != null) {
            UnitInterval.requireInside("confidence", confidence);
        }
        int n = shouldAnswer.length;
        int rows = shouldRefuse.length;
        if (n == 0 || rows == 0) {
            return new OperatingPoint(falseRefusalRate, new Rate(0, 0, null));
        }
        // So many of them as are no larger share; the sum is for a product that rounding left below a whole number.
        int k = Math.min(n - 1, (int) (falseRefusalRate * n + 1e-9));
        int count = above(shouldRefuse, ScoreCutoff.above(shouldAnswer, k));
        if (confidence == null) {
            return new OperatingPoint(falseRefusalRate, new Rate(count, rows, null));
        }
        double each = 1 - (1 - confidence) / 4;
        int few = ClopperPearson.allowed(n, falseRefusalRate, each);
        double low = few < 0
                ? 0
                : ClopperPearson.lower(above(shouldRefuse, ScoreCutoff.above(shouldAnswer, few)), rows, each);
        int many = k + 1;
        while (many <= n && ClopperPearson.lower(many, n, each) < falseRefusalRate) {
            many++;
        }
        double high = many > n
                ? 1
                : ClopperPearson.upper(from(shouldRefuse, ScoreCutoff.above(shouldAnswer, many - 1)), rows, each);
        double rate = (double) count / rows;
        return new OperatingPoint(
                falseRefusalRate, new Rate(count, rows, new Interval(Math.min(low, rate), Math.max(high, rate))));
    }

    private static int above(double[] scores, double boundary) {
        int count = 0;
        for (double score : scores) {
            count += score > boundary ? 1 : 0;
        }
        return count;
    }

    private static int from(double[] scores, double boundary) {
        int count = 0;
        for (double score : scores) {
            count += score >= boundary ? 1 : 0;
        }
        return count;
    }
}
