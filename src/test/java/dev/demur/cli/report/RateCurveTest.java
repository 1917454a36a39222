package dev.demur.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RateCurveTest {

    private static final Axis AXIS = Axis.probability("x");

    @Test
    void the_staircase_falls_after_each_score_because_thresholds_are_inclusive() {
        double[] scores = {0.5, 0.25, 0.5, 0.75};
        assertEquals(
                List.of(
                        new XyPlot.Point(0, 1),
                        new XyPlot.Point(0.25, 1),
                        new XyPlot.Point(0.25, 0.75),
                        new XyPlot.Point(0.5, 0.75),
                        new XyPlot.Point(0.5, 0.25),
                        new XyPlot.Point(0.5, 0.25),
                        new XyPlot.Point(0.5, 0.25),
                        new XyPlot.Point(0.75, 0.25),
                        new XyPlot.Point(0.75, 0),
                        new XyPlot.Point(1, 0)),
                RateCurve.of(scores, AXIS).corners());
        assertEquals(0.75, RateCurve.at(scores, 0.5));
        assertEquals(0.25, RateCurve.at(scores, Math.nextUp(0.5)));
    }

    @Test
    void of_many_scores_a_few_steps_are_drawn_each_where_the_share_is_right() {
        long seed = System.nanoTime();
        double[] scores = new Random(seed).doubles(10_000).toArray();
        List<XyPlot.Point> corners = RateCurve.of(scores, AXIS).corners();
        assertTrue(corners.size() < 400, "seed " + seed + ": " + corners.size());
        for (int i = 2; i < corners.size() - 1; i += 2) {
            XyPlot.Point corner = corners.get(i);
            assertEquals(RateCurve.at(scores, Math.nextUp(corner.x())), corner.y(), "seed " + seed);
        }
    }

    @Test
    void scores_beyond_the_axis_count_and_make_no_step() {
        double[] scores = {Double.NEGATIVE_INFINITY, -1, 0.5, Double.POSITIVE_INFINITY};
        assertEquals(
                List.of(
                        new XyPlot.Point(0, 0.5),
                        new XyPlot.Point(0.5, 0.5),
                        new XyPlot.Point(0.5, 0.25),
                        new XyPlot.Point(1, 0.25)),
                RateCurve.of(scores, AXIS).corners());
    }

    @Test
    void no_scores_draw_nothing() {
        assertEquals(List.of(), RateCurve.of(new double[0], AXIS).corners());
    }
}
