package dev.demur.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Rates of counts, and how far probabilities come true. */
class RateTest {

    @Test
    void a_rate_has_the_interval_of_its_counts() {
        Rate rate = Rate.of(3, 10, 0.95);
        assertEquals(0.3, rate.value());
        assertEquals(ClopperPearson.interval(3, 10, 0.95), rate.interval());
        assertNull(Rate.of(3, 10, null).interval());
        assertNull(Rate.of(0, 0, 0.95).interval());
        assertNull(Rate.of(0, 0, 0.95).value());
    }

    @Test
    void no_count_is_no_rate() {
        for (int[] wrong : new int[][] {{-1, 3}, {4, 3}, {0, -1}}) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> Rate.of(wrong[0], wrong[1], null));
            assertEquals(wrong[0] + " of " + wrong[1] + " is no count", e.getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> Rate.of(1, 3, 1.0));
    }

    @Test
    void probabilities_are_compared_with_what_came_true() {
        Reliability reliability =
                Reliability.of(new double[] {0.1, 0.2, 0.9, 1 + 1e-15}, new boolean[] {false, true, true, true}, 2);
        assertArrayEquals(
                new int[] {2, 2},
                reliability.bins().stream().mapToInt(Reliability.Bin::rows).toArray());
        assertEquals(0.5, reliability.bins().get(0).share());
        assertEquals((0.7 + 0.1) / 4, reliability.expectedError(), 1e-12);
        assertNull(Reliability.of(new double[0], new boolean[0], 2).expectedError());
    }

    @Test
    void what_no_reliability_can_be_told_of_is_refused() {
        double[] one = {0.5};
        boolean[] came = {true};
        assertThrows(IllegalArgumentException.class, () -> Reliability.of(one, new boolean[2], 2));
        assertThrows(IllegalArgumentException.class, () -> Reliability.of(one, came, 0));
        assertThrows(IllegalArgumentException.class, () -> Reliability.of(new double[] {-0.1}, came, 2));
        assertThrows(IllegalArgumentException.class, () -> Reliability.of(new double[] {Double.NaN}, came, 2));
    }
}
