package dev.demur.statistics.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScoreCutoffTest {

    private static final double[] SCORES = {0.3, 0.1, 0.3, 0.9, -0.0, 0.0};

    @Test
    void boundaries_count_from_either_end_with_repetitions() {
        assertEquals(0.9, ScoreCutoff.above(SCORES, 0));
        assertEquals(0.3, ScoreCutoff.above(SCORES, 1));
        assertEquals(0.3, ScoreCutoff.above(SCORES, 2));
        assertEquals(0.1, ScoreCutoff.above(SCORES, 3));
        assertEquals(0.0, ScoreCutoff.from(SCORES, 0));
        assertEquals(0.0, ScoreCutoff.from(SCORES, 1));
        assertEquals(0.1, ScoreCutoff.from(SCORES, 2));
    }

    @Test
    void max_f1_agrees_with_trying_every_boundary() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 500; run++) {
            double[] refuse = scores(random, 1 + random.nextInt(20), 3);
            double[] answer = scores(random, random.nextInt(20), 0);
            ScoreCutoff.Best best = ScoreCutoff.maxF1(refuse, answer, boundary -> true);
            double f1 =
                    Arrays.stream(refuse).map(t -> f1(refuse, answer, t)).max().orElseThrow();
            double highest = Arrays.stream(refuse)
                    .filter(t -> f1(refuse, answer, t) == f1)
                    .max()
                    .orElseThrow();
            assertNotNull(best);
            assertEquals(f1, best.f1(), 1e-15, "seed " + seed + ", run " + run);
            assertEquals(highest, best.boundary(), "seed " + seed + ", run " + run);
        }
    }

    private static double f1(double[] refuse, double[] answer, double threshold) {
        int hits = count(refuse, threshold);
        return 2.0 * hits / (hits + count(answer, threshold) + refuse.length);
    }

    private static int count(double[] scores, double threshold) {
        return (int) Arrays.stream(scores).filter(s -> s >= threshold).count();
    }

    private static double[] scores(Random random, int count, int lift) {
        return random.ints(count, 0, 12).mapToDouble(i -> i + lift).toArray();
    }

    @Test
    void boundaries_that_are_not_possible_are_passed_over() {
        double[] refuse = {0, 0, 1};
        double[] answer = {-1};
        ScoreCutoff.Best best = ScoreCutoff.maxF1(refuse, answer, boundary -> boundary > 0);
        assertNotNull(best);
        assertEquals(1, best.boundary());
        assertNull(ScoreCutoff.maxF1(refuse, answer, boundary -> boundary > 1));
        assertNull(ScoreCutoff.maxF1(new double[0], answer, boundary -> true));
    }
}
