package dev.demur.cli.serve;

import dev.demur.monitor.DriftReport;
import dev.demur.monitor.MonitorReport;
import dev.demur.monitor.RateReport;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What {@code GET /metrics} tells of the watched promise. */
final class MonitorMetrics {

    private MonitorMetrics() {}

    static void write(StringBuilder out, MonitorReport report) {
        Metrics.one(out, "demur_monitor_decisions_total", "counter", "Decisions that are watched.", report.decisions());
        Metrics.one(out, "demur_monitor_labels_total", "counter", "Labels taken account of.", report.labels());
        Metrics.one(
                out,
                "demur_monitor_waiting",
                "gauge",
                "Drawn decisions that await their label, or that of an earlier one.",
                report.waiting());
        Metrics.one(
                out,
                "demur_monitor_overdue_total",
                "counter",
                "Drawn decisions taken for undecided, because too many waited.",
                report.overdue());
        Metrics.one(
                out,
                "demur_monitor_alarm",
                "gauge",
                "1 from when a promise was found broken, one alone or all together, else 0.",
                report.isAlarm() ? 1 : 0);
        Metrics.one(
                out,
                "demur_monitor_drift",
                "gauge",
                "1 from when the probabilities were found to have drifted, else 0.",
                report.isDrift() ? 1 : 0);
        all(out, report);
        rates(out, report.rates());
        drift(out, report);
    }

    private static void all(StringBuilder out, MonitorReport report) {
        Metrics.head(
                out,
                "demur_monitor_e_value",
                "gauge",
                "The wealth of betting against all promises together, from a stake of 1.");
        Metrics.value(out, "demur_monitor_e_value", "", report.eValue());
        Metrics.head(
                out,
                "demur_monitor_e_value_alarm",
                "gauge",
                "The wealth at which that is an alarm, once it was reached.");
        Metrics.value(out, "demur_monitor_e_value_alarm", "", 1 / report.level());
        Metrics.head(
                out,
                "demur_monitor_rate_e_value_alarm",
                "gauge",
                "The wealth of a single rate at which it is an alarm, once it was reached.");
        Metrics.value(out, "demur_monitor_rate_e_value_alarm", "", report.promises() / report.level());
    }

    private static void rates(StringBuilder out, List<RateReport> rates) {
        rates(
                out,
                "demur_monitor_rate_e_value",
                "The wealth of betting against a rate's promise.",
                rates,
                RateReport::eValue);
        rates(
                out,
                "demur_monitor_rate_alarm",
                "1 from when a rate's promise was found broken, else 0.",
                rates,
                rate -> rate.promised() == null ? null : rate.isAlarm() ? 1.0 : 0.0);
        rates(out, "demur_monitor_rate_promised", "The rate that is promised.", rates, RateReport::promised);
        rates(out, "demur_monitor_rate_observed", "The rate by the labels so far.", rates, RateReport::observed);
        rates(out, "demur_monitor_rate_labels", "Labelled prompts that the rate is about.", rates, rate ->
                (double) rate.prompts());
    }

    private static void rates(
            StringBuilder out,
            String name,
            String help,
            List<RateReport> rates,
            Function<RateReport, @Nullable Double> number) {
        Metrics.head(out, name, "gauge", help);
        for (RateReport rate : rates) {
            Double value = number.apply(rate);
            if (value != null) {
                String kind = rate.nearMissesOnly()
                        ? "near-miss-" + rate.kind().id()
                        : rate.kind().id();
                String category = rate.category() == null ? "" : rate.category();
                Metrics.value(out, name, "rate=\"" + kind + "\",category=\"" + Metrics.escaped(category) + "\"", value);
            }
        }
    }

    private static void drift(StringBuilder out, MonitorReport report) {
        Metrics.head(
                out,
                "demur_monitor_drift_e_value",
                "gauge",
                "The wealth of betting that a probability, or the coverage, has drifted.");
        for (DriftReport one : report.drift()) {
            Metrics.value(out, "demur_monitor_drift_e_value", number(one), one.eValue());
        }
        Metrics.head(out, "demur_monitor_drift_alarm", "gauge", "1 from when it was found to have drifted, else 0.");
        for (DriftReport one : report.drift()) {
            Metrics.value(out, "demur_monitor_drift_alarm", number(one), one.isAlarm() ? 1 : 0);
        }
        Metrics.head(
                out,
                "demur_monitor_drift_e_value_alarm",
                "gauge",
                "The wealth at which a number is found to have drifted, once it was reached.");
        Metrics.value(
                out, "demur_monitor_drift_e_value_alarm", "", report.drift().size() / report.driftLevel());
    }

    private static String number(DriftReport report) {
        return "number=\"" + Metrics.escaped(report.number()) + "\"";
    }
}
