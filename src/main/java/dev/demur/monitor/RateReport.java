package dev.demur.monitor;

import dev.demur.arguments.Given;
import org.jspecify.annotations.Nullable;

/**
 * What became of a rate so far.
 *
 * @param category of reaching this category's threshold; null: of being refused at all
 * @param kind which rate
 * @param nearMissesOnly whether it is the rate over near misses alone
 * @param promised the false refusal rate is at most this, or the refusal rate at least this; null: no promise, only counted
 * @param prompts how many audited prompts count
 * @param failures how many of them were refused wrongly, or answered wrongly
 * @param observed the rate, with refused and answered prompts weighted by the shares in which they are audited; null: no
 *     prompt counts
 * @param eValue how much betting against the promise has multiplied its stake by now; null: no promise
 * @param largest the most that it ever was, which the alarm goes by; null: no promise
 * @param alarmAfter after how many labels the alarm was raised; null: there is none
 */
public record RateReport(
        @Nullable String category,
        WatchedRate.Kind kind,
        boolean nearMissesOnly,
        @Nullable Double promised,
        long prompts,
        long failures,
        @Nullable Double observed,
        @Nullable Double eValue,
        @Nullable Double largest,
        @Nullable Long alarmAfter) {

    public RateReport {
        Given.value(kind, "kind");
    }

    /** Whether the promise was found broken. */
    public boolean isAlarm() {
        return alarmAfter != null;
    }
}
