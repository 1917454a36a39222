package dev.demur.monitor;

import org.jspecify.annotations.Nullable;

/** A number of every decision whose drift is watched. */
final class Drift {

    /** The name of the coverage; the last of the numbers, so that a category may be called so too. */
    static final String COVERAGE = "coverage";

    private final String number;
    private final DriftTest test;
    private @Nullable Long alarmAfter;

    Drift(String number, DriftTest test, @Nullable Long alarmAfter) {
        this.number = number;
        this.test = test;
        this.alarmAfter = alarmAfter;
    }

    void observe(double value, double threshold) {
        test.observe(value);
        if (alarmAfter == null && test.bets().largest() >= threshold) {
            alarmAfter = test.bets().observations();
        }
    }

    String number() {
        return number;
    }

    DriftTest test() {
        return test;
    }

    @Nullable
    Long alarmAfter() {
        return alarmAfter;
    }

    DriftReport report() {
        Bets bets = test.bets();
        return new DriftReport(number, bets.observations(), bets.value(), bets.largest(), alarmAfter);
    }
}
