package dev.demur.cli.report;

import dev.demur.calibration.PromisedBound;
import dev.demur.evaluation.RefusalRates;
import dev.demur.statistics.Interval;
import dev.demur.statistics.Rate;

/** Promised bounds in words. */
public final class Promises {

    private Promises() {}

    /** As {@code near-miss FRR at most 5 %}. */
    public static String text(PromisedBound promised) {
        String rate = !promised.ofFalseRefusals() ? "RR" : promised.nearMissesOnly() ? "near-miss FRR" : "FRR";
        return rate + " " + promised.limit();
    }

    /** The same, and whether what was measured contradicts it: the whole interval lies on the wrong side of the bound. */
    public static String text(PromisedBound promised, RefusalRates measured) {
        if (!promised.ofFalseRefusals()) {
            Interval refusal = measured.refusal().interval();
            return text(promised) + (refusal != null && refusal.high() < promised.bound() ? " (measured below)" : "");
        }
        Rate rate = promised.nearMissesOnly() ? measured.nearMissFalseRefusal() : measured.falseRefusal();
        Interval interval = rate.interval();
        return text(promised) + (interval != null && interval.low() > promised.bound() ? " (measured above)" : "");
    }
}
