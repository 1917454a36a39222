package dev.demur.cli.calibrate;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.demur.cli.report.Percent;
import dev.demur.cli.terminal.Paragraph;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Table;
import dev.demur.cli.terminal.Text;
import dev.demur.monitor.DriftReport;
import dev.demur.monitor.MonitorReport;
import dev.demur.monitor.RateReport;
import dev.demur.monitor.WatchedRate;
import dev.demur.statistics.Percentage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a monitor knows, for a person as tables and for a program as JSON. */
public final class MonitorText {

    private static final double SMALLEST_SHOWN = 0.01;
    private static final double LARGEST_PLAIN = 1e6;
    private static final MathContext DIGITS = new MathContext(3);

    private MonitorText() {}

    /**
     * All lines, each with its end.
     *
     * @param from the log, or where it was not looked at the file with what is known
     */
    public static String of(MonitorReport report, Path policy, Path from, Style style) {
        StringBuilder text = new StringBuilder();
        text.append(Text.oneLine(policy.toString()))
                .append(" on ")
                .append(Text.oneLine(from.toString()))
                .append('\n')
                .append(report.decisions())
                .append(" decisions, ")
                .append(report.labels())
                .append(" labels")
                .append(waiting(report))
                .append("\n\n");
        double alarmAt = report.promises() / report.level();
        Table rates = new Table("rate", "promised", "observed", "wrong", "e-value", "largest", "alarm at", "alarm");
        for (RateReport rate : report.rates()) {
            boolean promised = rate.promised() != null;
            rates.row(
                    name(rate),
                    promised ? promise(rate) : "-",
                    Percent.of(rate.observed()),
                    rate.failures() + " of " + rate.prompts(),
                    eValue(rate.eValue()),
                    eValue(rate.largest()),
                    promised ? eValue(alarmAt) : "-",
                    alarm(rate.alarmAfter(), promised));
        }
        if (report.promises() > 1) {
            rates.row(
                    "all promises",
                    "",
                    "",
                    "",
                    eValue(report.eValue()),
                    eValue(report.largest()),
                    eValue(1 / report.level()),
                    alarm(report.alarmAfter(), true));
        }
        text.append(rates.text(style))
                .append(Paragraph.wrap("Wrong: of the labelled prompts that count. While all promises hold, the"
                        + " probability of any alarm, over all time, is at most "
                        + Percentage.text(Percentage.exact(report.level())) + "."))
                .append('\n');
        Table drift = new Table("drift of", "decisions", "e-value", "largest", "alarm at", "drift");
        for (DriftReport one : report.drift()) {
            drift.row(
                    one.number(),
                    Long.toString(one.decisions()),
                    eValue(one.eValue()),
                    eValue(one.largest()),
                    eValue(report.drift().size() / report.driftLevel()),
                    alarm(one.alarmAfter(), true));
        }
        text.append(drift.text(style))
                .append(Paragraph.wrap("While nothing drifts, the probability of any such report, over all time, is at"
                        + " most " + Percentage.text(Percentage.exact(report.driftLevel())) + "."))
                .append('\n')
                .append(verdict(report, style));
        return text.toString();
    }

    private static String waiting(MonitorReport report) {
        StringBuilder text = new StringBuilder();
        if (report.waiting() > 0) {
            String first = report.firstWaiting();
            text.append(", ")
                    .append(report.waiting())
                    .append(" more wait for the label of ")
                    .append(first == null ? "an earlier one" : Text.oneLine(first));
        }
        if (report.overdue() > 0) {
            text.append(", ").append(report.overdue()).append(" were overdue and count as undecided");
        }
        return text.toString();
    }

    private static String verdict(MonitorReport report, Style style) {
        if (report.isAlarm()) {
            String broken = report.rates().stream()
                    .filter(RateReport::isAlarm)
                    .map(MonitorText::name)
                    .reduce((a, b) -> a + ", " + b)
                    .orElse("not all promises hold; no single one stands out");
            return style.warning("Alarm") + ": " + broken + (report.isDrift() ? ", and drift" : "") + ".\n";
        }
        return report.isDrift() ? style.warning("Drift") + ", and no promise is found broken.\n" : "No alarm.\n";
    }

    private static String name(RateReport rate) {
        String kind = rate.kind() == WatchedRate.Kind.REFUSAL
                ? "refusals"
                : rate.nearMissesOnly() ? "near misses refused" : "false refusals";
        return kind + (rate.category() == null ? " at all" : ", " + rate.category());
    }

    private static String promise(RateReport rate) {
        double promised = rate.promised() == null ? 0 : rate.promised();
        boolean refusal = rate.kind() == WatchedRate.Kind.REFUSAL;
        return refusal
                ? "≥ " + Percentage.text(Percentage.atLeast(promised))
                : "≤ " + Percentage.text(Percentage.atMost(promised));
    }

    private static String alarm(@Nullable Long after, boolean watched) {
        return after != null ? "after " + after : watched ? "no" : "-";
    }

    private static String eValue(@Nullable Double value) {
        if (value == null) {
            return "-";
        }
        if (value < SMALLEST_SHOWN) {
            return "<0.01";
        }
        BigDecimal rounded = new BigDecimal(value).round(DIGITS);
        return value < LARGEST_PLAIN ? rounded.stripTrailingZeros().toPlainString() : rounded.toString();
    }

    /** One object with all numbers; docs/MONITORING.md lists its fields. */
    public static String json(MonitorReport report, Path policy, @Nullable Path log) {
        JsonObject json = new JsonObject();
        json.addProperty("version", 1);
        json.addProperty("policy", policy.toString());
        json.addProperty("log", log == null ? null : log.toString());
        json.addProperty("level", report.level());
        json.addProperty("driftLevel", report.driftLevel());
        json.addProperty("decisions", report.decisions());
        json.addProperty("labels", report.labels());
        json.addProperty("waiting", report.waiting());
        json.addProperty("firstWaiting", report.firstWaiting());
        json.addProperty("overdue", report.overdue());
        json.addProperty("alarm", report.isAlarm());
        json.addProperty("drift", report.isDrift());
        json.addProperty("eValue", report.eValue());
        json.addProperty("largest", report.largest());
        json.addProperty("alarmAt", 1 / report.level());
        json.addProperty("alarmAfter", report.alarmAfter());
        JsonArray rates = new JsonArray();
        for (RateReport rate : report.rates()) {
            rates.add(json(rate, report.promises() / report.level()));
        }
        json.add("rates", rates);
        List<JsonObject> numbers = new ArrayList<>();
        for (DriftReport one : report.drift()) {
            JsonObject number = new JsonObject();
            number.addProperty("number", one.number());
            number.addProperty("decisions", one.decisions());
            number.addProperty("eValue", one.eValue());
            number.addProperty("largest", one.largest());
            number.addProperty("alarmAt", report.drift().size() / report.driftLevel());
            number.addProperty("alarmAfter", one.alarmAfter());
            numbers.add(number);
        }
        JsonArray drift = new JsonArray();
        numbers.forEach(drift::add);
        json.add("numbers", drift);
        return new GsonBuilder().serializeNulls().disableHtmlEscaping().create().toJson(json) + "\n";
    }

    private static JsonObject json(RateReport rate, double alarmAt) {
        JsonObject json = new JsonObject();
        json.addProperty("category", rate.category());
        json.addProperty("kind", rate.kind().id());
        json.addProperty("nearMissesOnly", rate.nearMissesOnly());
        json.addProperty("promised", rate.promised());
        json.addProperty("prompts", rate.prompts());
        json.addProperty("failures", rate.failures());
        json.addProperty("observed", rate.observed());
        json.addProperty("eValue", rate.eValue());
        json.addProperty("largest", rate.largest());
        json.addProperty("alarmAt", rate.promised() == null ? null : alarmAt);
        json.addProperty("alarmAfter", rate.alarmAfter());
        return json;
    }
}
