package dev.demur.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shares in words: short, and never in the promise's favour. */
class PercentageTest {

    private static final int DRAWS = 20_000;
    private static final long SEED = 20_261_130;

    @ParameterizedTest
    @CsvSource({
        "0, 0 %",
        "1, 100 %",
        "0.02, 2 %",
        "0.05, 5 %",
        "0.1, 10 %",
        "0.0125, 1.25 %",
        "0.0001, 0.01 %",
        "0.019963, 2 %",
        "0.0200001, 2.1 %",
        "0.123456, 12.4 %",
        "0.000391, 0.04 %",
        "0.00000123, 0.00013 %",
        "0.9999999, 100 %"
    })
    void an_upper_bound_is_rounded_up(double share, String expected) {
        assertEquals(expected, Percentage.text(Percentage.atMost(share)));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 %",
        "1, 100 %",
        "0.8, 80 %",
        "0.7599, 75.99 %",
        "0.75991, 75.9 %",
        "0.900001, 90 %",
        "0.999609, 99.96 %",
        "0.0000001, 0 %"
    })
    void a_lower_bound_is_rounded_down(double share, String expected) {
        assertEquals(expected, Percentage.text(Percentage.atLeast(share)));
    }

    @ParameterizedTest
    @CsvSource({"0.95, 95 %", "0.9, 90 %", "0.999, 99.9 %", "0.12345, 12.345 %", "0.5, 50 %"})
    void what_somebody_chose_stays_as_it_is(double share, String expected) {
        assertEquals(expected, Percentage.text(Percentage.exact(share)));
    }

    @Test
    void no_bound_promises_more_than_its_number_and_none_says_much_less() {
        Random random = new Random(SEED);
        for (int i = 0; i < DRAWS; i++) {
            double share = Math.pow(random.nextDouble(), 1 + random.nextInt(8));
            BigDecimal exact = BigDecimal.valueOf(share).movePointRight(2);
            BigDecimal most = Percentage.atMost(share);
            BigDecimal least = Percentage.atLeast(share);
            String what = share + ", seed " + SEED + ": " + least + " and " + most;
            assertTrue(most.compareTo(exact) >= 0 && least.compareTo(exact) <= 0, what);
            assertTrue(most.doubleValue() <= 1.1 * exact.doubleValue() + 1e-300, what);
            assertTrue(most.subtract(exact).doubleValue() <= 0.1, what);
            assertTrue(exact.subtract(least).doubleValue() <= 0.1, what);
            assertTrue(least.signum() >= 0 && most.compareTo(BigDecimal.valueOf(100)) <= 0, what);
        }
    }
}
