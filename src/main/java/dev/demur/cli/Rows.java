package dev.demur.cli;

import dev.demur.calibration.ScoredPrompts;

/** How many scored prompts there are of which kind. */
final class Rows {

    private Rows() {}

    /** As {@code 900 rows: 600 should-answer (200 near misses), 300 should-refuse}. */
    static String describe(ScoredPrompts prompts) {
        return prompts.size() + " rows: " + prompts.shouldAnswer().length + " should-answer ("
                + prompts.nearMisses().length + " near misses), " + prompts.shouldRefuse().length + " should-refuse";
    }
}
