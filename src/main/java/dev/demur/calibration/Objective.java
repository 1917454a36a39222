package dev.demur.calibration;

import dev.demur.statistics.numeric.UnitInterval;

/** What a calibration chooses its thresholds for. */
public sealed interface Objective {

    /** The confidence where none is named: a promise of which one in twenty may not hold. */
    double DEFAULT_CONFIDENCE = 0.95;

    /** The name in a policy's calibration object. */
    String id();

    /**
     * Promises that the false refusal rate is at most {@code target}, and refuses as readily as that allows.
     *
     * @param target the rate, between 0 and 1
     * @param confidence of the promise, between 0 and 1
     * @param nearMissesOnly promises the rate over near misses alone
     */
    record FalseRefusal(double target, double confidence, boolean nearMissesOnly) implements Objective {
        public FalseRefusal {
            UnitInterval.requireInside("target", target);
            UnitInterval.requireInside("confidence", confidence);
        }

        @Override
        public String id() {
            return "false-refusal";
        }
    }

    /**
     * Promises that the refusal rate is at least {@code target}, and refuses as reluctantly as that allows.
     *
     * @param target the rate, between 0 and 1
     * @param confidence of the promise, between 0 and 1
     */
    record Refusal(double target, double confidence) implements Objective {
        public Refusal {
            UnitInterval.requireInside("target", target);
            UnitInterval.requireInside("confidence", confidence);
        }

        @Override
        public String id() {
            return "refusal";
        }
    }

    /**
     * Takes the largest F1 on the rows at hand, of equals the one that refuses least; promises nothing.
     *
     * @param nearMissesOnly counts false refusals of near misses alone
     */
    record MaxF1(boolean nearMissesOnly) implements Objective {
        @Override
        public String id() {
            return "max-f1";
        }
    }
}
