package dev.demur.cli.calibrate;

import dev.demur.calibration.PromisedBound;
import dev.demur.cli.report.Agreement;
import dev.demur.cli.report.Digits;
import dev.demur.cli.report.EvaluatedPolicy;
import dev.demur.cli.report.Percent;
import dev.demur.cli.report.Promises;
import dev.demur.cli.terminal.Decimal;
import dev.demur.cli.terminal.Paragraph;
import dev.demur.cli.terminal.Rows;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Table;
import dev.demur.cli.terminal.Text;
import dev.demur.evaluation.Confusion;
import dev.demur.evaluation.Evaluation;
import dev.demur.evaluation.RefusalRates;
import dev.demur.evaluation.Steering;
import dev.demur.evaluation.TextEvaluation;
import dev.demur.statistics.Interval;
import dev.demur.statistics.OperatingPoint;
import dev.demur.statistics.Percentage;
import dev.demur.statistics.Rate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An evaluation for a person, as tables. */
public final class EvaluationText {

    private static final String JOINT = "at all";

    private final EvaluatedPolicy evaluated;
    private final Evaluation evaluation;
    private final Style style;
    private final StringBuilder text = new StringBuilder();

    private EvaluationText(EvaluatedPolicy evaluated, Style style) {
        this.evaluated = evaluated;
        this.evaluation = evaluated.evaluation();
        this.style = style;
    }

    /** All lines, each with its end. */
    public static String of(EvaluatedPolicy evaluated, Style style) {
        EvaluationText text = new EvaluationText(evaluated, style);
        text.heading();
        text.rates();
        text.quality();
        text.ranking();
        text.confusion();
        text.steering();
        text.noise();
        text.agreement();
        return text.text.toString();
    }

    private void heading() {
        text.append(Text.oneLine(evaluated.policyFile().toString()))
                .append(" (rule ")
                .append(evaluated.policy().rule().id())
                .append(") on ")
                .append(Text.oneLine(evaluated.scores().toString()))
                .append("\n")
                .append(Rows.describe(evaluated.prompts()))
                .append("\n\n");
    }

    private List<RefusalRates> all() {
        List<RefusalRates> all = new ArrayList<>(evaluation.categories());
        all.add(evaluation.joint());
        return all;
    }

    private static String name(RefusalRates rates) {
        String category = rates.category();
        return category == null ? JOINT : category;
    }

    /** Refused by its own threshold, whatever the others; the last line: refused at all. */
    private void rates() {
        Table table = new Table("refused as", "threshold", "FRR, %", "near-miss FRR", "RR, %");
        Map<String, List<String>> promises = new LinkedHashMap<>();
        for (RefusalRates rates : all()) {
            Double threshold = evaluated.threshold(rates.category());
            table.row(
                    name(rates),
                    Digits.four(threshold),
                    rate(rates.falseRefusal()),
                    rate(rates.nearMissFalseRefusal()),
                    rate(rates.refusal()));
            PromisedBound promised = evaluated.promised(rates.category());
            if (promised != null) {
                promises.computeIfAbsent(promise(promised, rates), promise -> new ArrayList<>())
                        .add(name(rates));
            }
        }
        text.append(table.text(style));
        if (!promises.isEmpty()) {
            text.append('\n');
            promises.forEach((promise, names) ->
                    text.append(Paragraph.wrap("Promised (" + String.join(", ", names) + "): " + promise)));
        }
        text.append('\n');
    }

    private static String promise(PromisedBound promised, RefusalRates rates) {
        return Promises.text(promised, rates) + ", with confidence " + Percentage.text(promised.confidencePercent());
    }

    private static String rate(Rate rate) {
        Interval interval = rate.interval();
        String value = Percent.of(rate.value()).replace(" %", "");
        return interval == null ? value : value + " " + Percent.interval(interval.low(), interval.high());
    }

    private void quality() {
        Table table = new Table("refused as", "precision, %", "recall, %", "F1", "ECE");
        for (RefusalRates rates : all()) {
            table.row(
                    name(rates),
                    rate(rates.precision()),
                    rate(rates.refusal()),
                    Digits.four(rates.f1()),
                    Digits.four(rates.reliability().expectedError()));
        }
        text.append(table.text(style)).append('\n');
    }

    /** How well scores tell apart what should be refused, wherever the threshold is. */
    private void ranking() {
        List<String> heads = new ArrayList<>(List.of("refused as", "AUC"));
        for (OperatingPoint point : evaluation.joint().operatingPoints()) {
            heads.add("RR at " + Percentage.text(Percentage.exact(point.falseRefusalRate())) + " FRR, %");
        }
        Table table = new Table(heads);
        for (RefusalRates rates : all()) {
            List<String> cells =
                    new ArrayList<>(List.of(name(rates), Digits.four(rates.roc().auc())));
            rates.operatingPoints().forEach(point -> cells.add(rate(point.refusal())));
            table.row(cells);
        }
        text.append(table.text(style)).append('\n');
    }

    private void confusion() {
        Confusion confusion = evaluation.confusion();
        List<String> heads = new ArrayList<>(List.of("expected \\ decided"));
        heads.addAll(confusion.decided());
        Table table = new Table(heads);
        for (int r = 0; r < confusion.expected().size(); r++) {
            List<String> cells = new ArrayList<>(List.of(confusion.expected().get(r)));
            confusion.counts().get(r).forEach(count -> cells.add(Integer.toString(count)));
            table.row(cells);
        }
        text.append(table.text(style)).append('\n');
    }

    private void steering() {
        Steering steering = evaluation.steering();
        if (steering == null || steering.moves().isEmpty()) {
            return;
        }
        List<String> heads = new ArrayList<>(List.of("moved \\ refused as"));
        heads.addAll(steering.categories());
        heads.add("joint FRR");
        Table table = new Table(heads);
        for (Steering.Move move : steering.moves()) {
            List<String> cells = new ArrayList<>(List.of(move.category()));
            move.refusedAs().forEach(change -> cells.add(Percent.change(change)));
            cells.add(Percent.change(move.falseRefusalRate()));
            table.row(cells);
        }
        text.append(table.text(style))
                .append(Paragraph.wrap("Change in points of percent of all rows, from a threshold "
                        + Decimal.plain(steering.shift()) + " above to one as far below where it is, in log-odds"
                        + " (logit-bias: its bias, in logits)."))
                .append('\n');
    }

    /** Text against token. */
    private void agreement() {
        TextEvaluation replies = evaluated.text();
        if (replies != null) {
            Table table = new Table(Agreement.HEADS);
            Agreement.rows(replies).forEach(table::row);
            text.append('\n')
                    .append(table.text(style))
                    .append(Paragraph.wrap(
                            Agreement.words(replies, evaluated.options().confidence())));
        }
    }

    private void noise() {
        Rate within = evaluation.withinNoise();
        text.append("Within ")
                .append(NoiseChoice.amount(evaluated.options().noise()))
                .append(" of a threshold: ")
                .append(within.count())
                .append(within.count() == 1 ? " row, " : " rows, ")
                .append(Percent.of(within.value()))
                .append(", which another llama.cpp or device may decide otherwise\n");
    }
}
