package dev.demur.cli.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The share of scores that reach a threshold, for every threshold: a falling staircase. */
record RateCurve(List<XyPlot.Point> corners) {

    private static final int MOST_STEPS = 150;

    RateCurve {
        corners = List.copyOf(corners);
    }

    /** The staircase of these scores over an axis; of many steps an even choice is drawn, of those beyond it none. */
    static RateCurve of(double[] scores, Axis axis) {
        if (scores.length == 0) {
            return new RateCurve(List.of());
        }
        double[] sorted = scores.clone();
        Arrays.sort(sorted);
        List<XyPlot.Point> corners = new ArrayList<>();
        double rate = at(scores, axis.low());
        corners.add(new XyPlot.Point(axis.low(), rate));
        int step = Math.max(1, sorted.length / MOST_STEPS);
        for (int i = step - 1; i < sorted.length && sorted[i] < axis.high(); i += step) {
            if (sorted[i] >= axis.low()) {
                double above = share(sorted, i);
                corners.add(new XyPlot.Point(sorted[i], rate));
                corners.add(new XyPlot.Point(sorted[i], above));
                rate = above;
            }
        }
        corners.add(new XyPlot.Point(axis.high(), rate));
        return new RateCurve(corners);
    }

    /** The share of the scores above the one at an index, which a threshold just above it leaves. */
    private static double share(double[] sorted, int index) {
        int above = index + 1;
        while (above < sorted.length && sorted[above] == sorted[index]) {
            above++;
        }
        return (sorted.length - above) / (double) sorted.length;
    }

    /** The share of the scores that reach the threshold. */
    static double at(double[] scores, double threshold) {
        return Arrays.stream(scores).filter(score -> score >= threshold).count() / (double) scores.length;
    }
}
