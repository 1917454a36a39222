package dev.demur.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RocCurveTest {

    @Test
    void the_curve_goes_through_every_distinct_score() {
        RocCurve curve = RocCurve.of(new double[] {0.9, 0.4}, new double[] {0.4, 0.1}, 100);
        assertEquals(
                List.of(
                        new RocCurve.Point(Double.POSITIVE_INFINITY, 0, 0),
                        new RocCurve.Point(0.9, 0, 0.5),
                        new RocCurve.Point(0.4, 0.5, 1),
                        new RocCurve.Point(0.1, 1, 1)),
                curve.points());
        assertEquals(3.5 / 4, curve.auc());
    }

    @Test
    void the_area_agrees_with_comparing_every_pair() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 300; run++) {
            double[] refuse = scores(random, 2);
            double[] answer = scores(random, 0);
            double pairs = 0;
            for (double r : refuse) {
                for (double a : answer) {
                    pairs += r > a ? 1 : r == a ? 0.5 : 0;
                }
            }
            Double auc = RocCurve.of(refuse, answer, 5).auc();
            assertNotNull(auc);
            assertEquals(pairs / (refuse.length * answer.length), auc, 1e-12, "seed " + seed + ", run " + run);
        }
    }

    /** With ties, and both infinities. */
    private static double[] scores(Random random, int lift) {
        return random.ints(1 + random.nextInt(30), 0, 10)
                .mapToDouble(i -> i == 0 ? Double.NEGATIVE_INFINITY : i == 9 ? Double.POSITIVE_INFINITY : i + lift)
                .toArray();
    }

    @Test
    void the_points_are_bounded_in_number_and_keep_both_ends() {
        Random random = new Random(1);
        double[] refuse = random.doubles(5_000).map(Math::sqrt).toArray();
        double[] answer = random.doubles(3_000).toArray();
        for (int most : new int[] {2, 3, 200}) {
            List<RocCurve.Point> points = RocCurve.of(refuse, answer, most).points();
            assertEquals(most, points.size());
            assertEquals(new RocCurve.Point(Double.POSITIVE_INFINITY, 0, 0), points.get(0));
            RocCurve.Point last = points.get(points.size() - 1);
            assertEquals(1, last.falseRefusalRate());
            assertEquals(1, last.refusalRate());
            double[] sorted = points.stream()
                    .mapToDouble(RocCurve.Point::refusalRate)
                    .sorted()
                    .toArray();
            assertTrue(Arrays.equals(
                    sorted,
                    points.stream().mapToDouble(RocCurve.Point::refusalRate).toArray()));
        }
    }

    @Test
    void without_rows_of_either_kind_there_is_no_curve() {
        assertNull(RocCurve.of(new double[0], new double[] {1}, 10).auc());
        assertEquals(List.of(), RocCurve.of(new double[] {1}, new double[0], 10).points());
        assertThrows(IllegalArgumentException.class, () -> RocCurve.of(new double[] {1}, new double[] {1}, 1));
    }
}
