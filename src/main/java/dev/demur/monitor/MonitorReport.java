package dev.demur.monitor;

import dev.demur.arguments.Given;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a monitor knows.
 *
 * @param level the probability, over all time, of any alarm about a rate although all promises hold
 * @param driftLevel the probability, over all time, of any alarm about drift although there is none
 * @param decisions how many decisions it was told
 * @param labels how many of them were labelled, and have been taken account of
 * @param waiting how many audited ones await their label, or that of an earlier one
 * @param firstWaiting the id of the earliest that has no label, for which the others wait; null: none, or it has no id
 * @param overdue how many were taken for undecided, because too many waited
 * @param eValue the mean of the e-values of all promises: how much betting against all of them has multiplied its stake
 * @param largest the most that it ever was
 * @param alarmAfter after how many labels it was found that not all promises hold; null: there is no alarm
 * @param rates the watched rates, then what is only counted
 * @param drift a number for each category, and the coverage
 */
public record MonitorReport(
        double level,
        double driftLevel,
        long decisions,
        long labels,
        int waiting,
        @Nullable String firstWaiting,
        long overdue,
        double eValue,
        double largest,
        @Nullable Long alarmAfter,
        List<RateReport> rates,
        List<DriftReport> drift) {

    public MonitorReport {
        rates = Given.list(rates, "rates");
        drift = Given.list(drift, "drift");
    }

    /** Whether a promise was found broken; of one alone, or of all together without telling which. */
    public boolean isAlarm() {
        return alarmAfter != null;
    }

    /** Whether the probabilities were found to have drifted. */
    public boolean isDrift() {
        return drift.stream().anyMatch(DriftReport::isAlarm);
    }

    /** How many promises share the level: each of them has the alarm at an e-value of this many divided by the level. */
    public int promises() {
        return (int) rates.stream().filter(rate -> rate.promised() != null).count();
    }
}
