package dev.demur.statistics.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LogOddsTest {

    @Test
    void distances_have_the_sign_of_the_comparison_also_at_the_ends() {
        assertEquals(Math.log(4), LogOdds.distance(0.5, 0.2), 1e-15);
        assertEquals(0, LogOdds.distance(0, 0));
        assertEquals(0, LogOdds.distance(1, 1));
        assertEquals(Double.POSITIVE_INFINITY, LogOdds.distance(1, 0.5));
        assertEquals(Double.POSITIVE_INFINITY, LogOdds.distance(Math.nextUp(1.0), 0.5));
        assertEquals(Double.POSITIVE_INFINITY, LogOdds.distance(0.1, 0));
        assertEquals(Double.NEGATIVE_INFINITY, LogOdds.distance(0, 0.5));
        assertEquals(Double.NEGATIVE_INFINITY, LogOdds.distance(0.9, 1));
    }

    @Test
    void the_log_odds_never_fall_from_one_double_to_the_next() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 200_000; i++) {
            double s = i % 2 == 0 ? random.nextDouble() : Math.exp(-700 * random.nextDouble());
            assertTrue(LogOdds.of(s) <= LogOdds.of(Math.nextUp(s)), "seed " + seed + ": " + s);
            assertTrue(LogOdds.of(1 - s) >= LogOdds.of(Math.nextDown(1 - s)), "seed " + seed + ": 1 - " + s);
        }
    }

    @Test
    void the_smallest_threshold_above_a_distance_splits_scores_as_the_distance_does() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            double from = random.nextDouble();
            double shift = 10 * random.nextGaussian();
            double threshold = Bisection.smallest(t -> LogOdds.distance(t, from) > shift);
            String context = "seed " + seed + ": " + shift + " above " + from + " is " + threshold;
            assertTrue(LogOdds.distance(threshold, from) > shift, context);
            assertTrue(LogOdds.distance(Math.nextDown(threshold), from) <= shift, context);
            assertEquals(LogOdds.moved(from, shift), threshold, 1e-12, context);
        }
    }

    @Test
    void moving_ends_at_0_and_1() {
        assertEquals(1, LogOdds.moved(0.5, 1e6));
        assertEquals(0, LogOdds.moved(0.5, -1e6));
        assertEquals(0.5, LogOdds.moved(0.5, 0));
        assertEquals(0.2, LogOdds.moved(0.5, -Math.log(4)), 1e-15);
    }
}
