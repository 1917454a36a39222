package dev.demur.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import dev.demur.statistics.numeric.Bisection;
import org.hipparchus.special.Beta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected numbers are those of SciPy 1.17.1: {@code scipy.stats.beta.ppf} and {@code scipy.stats.binom.cdf}. */
class ClopperPearsonTest {

    private static final double RELATIVE = 1e-9;

    @ParameterizedTest
    @CsvSource({
        "0, 59, 0.95, 0.04950760988822693",
        "0, 58, 0.95, 0.050339338330420105",
        "1, 93, 0.95, 0.049993978387988317",
        "5, 100, 0.95, 0.1022533776432745",
        "50, 1000, 0.95, 0.06286340351237973",
        "12, 400, 0.99, 0.05628190689542703",
        "0, 1, 0.95, 0.95",
        "9, 10, 0.9, 0.9895192582062144",
        "0, 1000000, 0.95, 2.9957277863525433e-06",
        "49500, 1000000, 0.95, 0.04985824936013533",
        "3, 7, 0.5, 0.5"
    })
    void the_upper_bound_is_the_beta_quantile(int count, int n, double confidence, double expected) {
        double bound = ClopperPearson.upper(count, n, confidence);
        assertEquals(expected, bound, expected * RELATIVE);
        assertEquals(1 - expected, ClopperPearson.lower(n - count, n, confidence), RELATIVE);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 20, 0.95, 0, 0.1684334709830853",
        "20, 20, 0.95, 0.8315665290169147, 1",
        "1, 20, 0.95, 0.0012650894979498047, 0.24873276277202777",
        "7, 50, 0.95, 0.0581917003403721, 0.2673960024970084",
        "5, 100, 0.99, 0.010940333584790034, 0.1351446825356235",
        "81, 263, 0.95, 0.25273674558527126, 0.36762192260135135",
        "500, 1000, 0.95, 0.468549172971792, 0.531450827028208"
    })
    void the_interval_has_both_quantiles(int count, int n, double confidence, double low, double high) {
        Interval interval = ClopperPearson.interval(count, n, confidence);
        assertEquals(low, interval.low(), low * RELATIVE);
        assertEquals(high, interval.high(), high * RELATIVE);
    }

    @ParameterizedTest
    @CsvSource({
        "58, 0.05, 0.95, -1",
        "59, 0.05, 0.95, 0",
        "92, 0.05, 0.95, 0",
        "93, 0.05, 0.95, 1",
        "100, 0.05, 0.95, 1",
        "200, 0.05, 0.95, 4",
        "1000, 0.05, 0.95, 38",
        "1000, 0.01, 0.99, 2",
        "10000, 0.05, 0.95, 463",
        "1000000, 0.05, 0.95, 49641",
        "300, 0.1, 0.9, 22",
        "22, 0.1, 0.9, 0",
        "21, 0.1, 0.9, -1",
        "0, 0.05, 0.95, -1"
    })
    void the_allowed_count_is_the_largest_whose_bound_keeps_the_target(
            int n, double target, double confidence, int expected) {
        assertEquals(expected, ClopperPearson.allowed(n, target, confidence));
    }

    @ParameterizedTest
    @CsvSource({
        "0.05, 0.95",
        "0.05, 0.99",
        "0.01, 0.95",
        "0.1, 0.9",
        "0.5, 0.5",
        "0.5, 0.75",
        "0.999, 0.95",
        "0.0001, 0.95",
        "0.2, 0.2"
    })
    void the_rows_needed_are_the_fewest_that_allow_none(double target, double confidence) {
        int n = ClopperPearson.rowsNeeded(target, confidence);
        assertTrue(ClopperPearson.allowed(n, target, confidence) >= 0, "n=" + n);
        assertEquals(-1, ClopperPearson.allowed(n - 1, target, confidence), "n=" + n);
    }

    @Test
    void five_percent_with_confidence_95_needs_59_rows() {
        assertEquals(59, ClopperPearson.rowsNeeded(0.05, 0.95));
    }

    @Test
    void all_of_n_leaves_the_bound_at_1_and_none_at_0() {
        assertEquals(1, ClopperPearson.upper(7, 7, 0.95));
        assertEquals(0, ClopperPearson.lower(0, 7, 0.95));
    }

    /** The distribution function of another library, by which 7,320 bounds of few rows and 280 of many are found again. */
    @Test
    void two_implementations_of_the_beta_distribution_give_the_same_bounds() {
        double worst = 0;
        for (double confidence : new double[] {0.5, 0.9, 0.95, 0.999}) {
            for (int n = 1; n <= 60; n++) {
                for (int count = 0; count < n; count++) {
                    worst = Math.max(worst, difference(count, n, confidence));
                }
            }
            for (int n : new int[] {93, 174, 263, 400, 1_000, 4_141, 20_000}) {
                for (int tenth = 0; tenth < 10; tenth++) {
                    worst = Math.max(worst, difference(n * tenth / 10, n, confidence));
                }
            }
        }
        assertTrue(worst <= 1e-12, "they differ by " + worst + " of the bound");
    }

    private static double difference(int count, int n, double confidence) {
        double expected =
                Bisection.smallest(x -> Beta.regularizedBeta(x, count + 1.0, n - (double) count) >= confidence);
        return Math.abs(ClopperPearson.upper(count, n, confidence) - expected) / expected;
    }

    @Test
    void rates_outside_0_and_1_and_impossible_counts_are_errors() {
        assertThrows(IllegalArgumentException.class, () -> ClopperPearson.allowed(10, 0, 0.95));
        assertThrows(IllegalArgumentException.class, () -> ClopperPearson.allowed(10, 1, 0.95));
        assertThrows(IllegalArgumentException.class, () -> ClopperPearson.upper(1, 10, 1));
        assertThrows(IllegalArgumentException.class, () -> ClopperPearson.upper(1, 10, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> ClopperPearson.upper(11, 10, 0.95));
        assertThrows(IllegalArgumentException.class, () -> ClopperPearson.lower(-1, 10, 0.95));
        assertThrows(DemurException.class, () -> ClopperPearson.rowsNeeded(1e-12, 0.95));
    }
}
