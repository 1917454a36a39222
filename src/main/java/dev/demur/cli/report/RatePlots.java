package dev.demur.cli.report;

import dev.demur.calibration.PromisedBound;
import dev.demur.evaluation.RefusalRates;
import dev.demur.statistics.Interval;
import dev.demur.statistics.Rate;
import dev.demur.statistics.Reliability;
import dev.demur.statistics.RocCurve;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The three plots of one category, or of being refused at all, and their numbers as tables. */
final class RatePlots {

    private static final double SMALLEST_DOT = 2.5;
    private static final double LARGEST_DOT = 11;
    private static final int TABLE_ROWS = 20;

    private final RefusalRates rates;
    private final @Nullable PromisedBound promised;
    private final String id;
    private final String name;

    /**
     * For one line of an evaluation.
     *
     * @param id unique in the report, and fit for the name of a file
     * @param name what a person calls it
     */
    RatePlots(RefusalRates rates, @Nullable PromisedBound promised, String id, String name) {
        this.rates = rates;
        this.promised = promised;
        this.id = id;
        this.name = name;
    }

    /** Refusal rate against false refusal rate, with the chosen point, its intervals and the promised bound. */
    Plot roc() {
        Double auc = rates.roc().auc();
        Figure.Text text = new Figure.Text(
                "roc-" + id,
                "ROC: " + name,
                "Refusal rate against false refusal rate as the threshold moves, AUC " + Digits.four(auc)
                        + ". The chosen threshold has the false refusal rate "
                        + Percent.of(rates.falseRefusal().value()) + " and the refusal rate "
                        + Percent.of(rates.refusal().value()) + ".");
        XyPlot plot = new XyPlot(text, Axis.smallShare("false refusal rate"), Axis.share("refusal rate"));
        plot.curve("chance", "refusing by chance", diagonal());
        List<XyPlot.Point> curve = new ArrayList<>();
        for (RocCurve.Point point : rates.roc().points()) {
            curve.add(new XyPlot.Point(point.falseRefusalRate(), point.refusalRate()));
        }
        plot.curve("refusal", "all thresholds, AUC " + Digits.four(auc), curve);
        bound(plot, true);
        Interval across = rates.falseRefusal().interval();
        Interval up = rates.refusal().interval();
        if (across != null && up != null) {
            plot.region("region", new XyPlot.Point(across.low(), up.low()), new XyPlot.Point(across.high(), up.high()));
        }
        XyPlot.Point chosen = chosen();
        if (chosen != null) {
            plot.dot("chosen", chosen, 5, "FRR " + rate(rates.falseRefusal()) + ", RR " + rate(rates.refusal()));
            plot.dotKey("chosen", across == null ? "chosen threshold" : "chosen threshold, with its intervals");
        }
        List<List<String>> rows = new ArrayList<>();
        List<RocCurve.Point> points = rates.roc().points();
        for (int i = 0; i < points.size(); i++) {
            if (i == points.size() - 1 || i % Math.max(1, points.size() / TABLE_ROWS) == 0) {
                RocCurve.Point point = points.get(i);
                rows.add(List.of(
                        boundary(point.boundary()),
                        Percent.of(point.falseRefusalRate()),
                        Percent.of(point.refusalRate())));
            }
        }
        return new Plot(plot.figure(), List.of("refused from", "FRR", "RR"), rows);
    }

    private static String boundary(double boundary) {
        return Double.isInfinite(boundary) ? boundary > 0 ? "nothing" : "everything" : Digits.few(boundary);
    }

    /** Straight lines are curves on this axis. */
    private static List<XyPlot.Point> diagonal() {
        List<XyPlot.Point> points = new ArrayList<>();
        for (int i = 0; i <= 50; i++) {
            points.add(new XyPlot.Point(i / 50.0 * i / 50.0, i / 50.0 * i / 50.0));
        }
        return points;
    }

    private XyPlot.@Nullable Point chosen() {
        Double across = rates.falseRefusal().value();
        Double up = rates.refusal().value();
        return across == null || up == null ? null : new XyPlot.Point(across, up);
    }

    private static String rate(Rate rate) {
        Interval interval = rate.interval();
        return Percent.of(rate.value())
                + (interval == null ? "" : " " + Percent.interval(interval.low(), interval.high()));
    }

    /** The promised bound as a line across the axis that it bounds. */
    private void bound(XyPlot plot, boolean falseRefusalIsFirstAxis) {
        if (promised == null) {
            return;
        }
        String label = Promises.text(promised);
        if (!falseRefusalIsFirstAxis || !promised.ofFalseRefusals()) {
            plot.horizontal("bound", "promised: " + label, promised.bound());
        } else if (!promised.nearMissesOnly()) {
            plot.vertical("bound", "promised: " + label, promised.bound());
        }
    }

    /** The three rates against the threshold. */
    Plot rates(RateScores scores) {
        Axis axis = scores.axis();
        Figure.Text text = new Figure.Text(
                "rates-" + id,
                "Rates by threshold: " + name,
                "False refusal rate, near-miss false refusal rate and refusal rate for every threshold; chosen: "
                        + scores.chosenText() + ".");
        XyPlot plot = new XyPlot(text, axis, Axis.share("share refused"));
        curve(plot, "refusal", "refusal rate (RR)", scores.shouldRefuse(), axis);
        curve(plot, "near-miss", "near-miss false refusal rate", scores.nearMisses(), axis);
        curve(plot, "false-refusal", "false refusal rate (FRR)", scores.shouldAnswer(), axis);
        bound(plot, false);
        Double chosen = scores.chosen();
        if (chosen != null) {
            plot.vertical("chosen-line", "chosen: " + scores.chosenText(), chosen);
        }
        List<List<String>> rows = new ArrayList<>();
        for (Axis.Tick tick : axis.ticks()) {
            rows.add(List.of(
                    tick.label(),
                    share(scores.shouldAnswer(), tick.value()),
                    share(scores.nearMisses(), tick.value()),
                    share(scores.shouldRefuse(), tick.value())));
        }
        return new Plot(plot.figure(), List.of(scores.axis().title(), "FRR", "near-miss FRR", "RR"), rows);
    }

    private static void curve(XyPlot plot, String style, String label, double[] scores, Axis axis) {
        if (scores.length > 0) {
            plot.curve(style, label, RateCurve.of(scores, axis).corners());
        }
    }

    private static String share(double[] scores, double threshold) {
        return scores.length == 0 ? "-" : Percent.of(RateCurve.at(scores, threshold));
    }

    /** How far probabilities mean what they say. */
    Plot reliability() {
        Reliability reliability = rates.reliability();
        Double error = reliability.expectedError();
        Figure.Text text = new Figure.Text(
                "reliability-" + id,
                "Reliability: " + name,
                "Share that should be refused against the probability that the model gave; expected calibration error "
                        + Digits.four(error) + ".");
        XyPlot plot = new XyPlot(
                text, Axis.probability("probability by the model"), Axis.share("share that should be refused"));
        plot.curve("chance", "perfectly calibrated", List.of(new XyPlot.Point(0, 0), new XyPlot.Point(1, 1)));
        List<XyPlot.Point> points = new ArrayList<>();
        int most = 1;
        for (Reliability.Bin bin : reliability.bins()) {
            points.add(new XyPlot.Point(bin.probability(), bin.share()));
            most = Math.max(most, bin.rows());
        }
        plot.curve("refusal", "measured, ECE " + Digits.four(error), points);
        List<List<String>> rows = new ArrayList<>();
        for (Reliability.Bin bin : reliability.bins()) {
            double radius = SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * Math.sqrt(bin.rows() / (double) most);
            String between = Digits.few(bin.low()) + " to " + Digits.few(bin.high());
            plot.dot(
                    "bin",
                    new XyPlot.Point(bin.probability(), bin.share()),
                    radius,
                    between + ": " + bin.rows() + " rows, " + Percent.of(bin.share()) + " should be refused");
            rows.add(List.of(
                    between, Integer.toString(bin.rows()), Digits.four(bin.probability()), Percent.of(bin.share())));
        }
        plot.dotKey("bin", "the larger, the more rows");
        return new Plot(plot.figure(), List.of("probability", "rows", "mean", "should be refused"), rows);
    }
}
