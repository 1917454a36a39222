package dev.demur.monitor;

import dev.demur.arguments.Given;
import org.jspecify.annotations.Nullable;

/**
 * Whether a number of all decisions has drifted.
 *
 * @param number the id of the category whose probability it is, or {@code coverage}
 * @param decisions how many there were
 * @param eValue how much betting against "no drift" has multiplied its stake by now
 * @param largest the most that it ever was, which the alarm goes by
 * @param alarmAfter after how many decisions the alarm was raised; null: there is none
 */
public record DriftReport(
        String number,
        long decisions,
        double eValue,
        double largest,
        @Nullable Long alarmAfter) {

    public DriftReport {
        Given.value(number, "number");
    }

    /** Whether it was found to have drifted. */
    public boolean isAlarm() {
        return alarmAfter != null;
    }
}
