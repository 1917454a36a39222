package dev.demur.fit;

import dev.demur.calibration.Objective;
import dev.demur.readout.Head;

/**
 * How a head is fitted.
 *
 * @param seed of everything that is drawn; the same rows, model, library and seed give the same head to the bit
 * @param forms whether a quarter of the prompts is read in a harmless {@linkplain Form form} too
 * @param sees how much of a conversation the head decides on
 * @param mostRows of how many prompts at most it is fitted; more are left out by a rule that keeps small sources
 * @param objective what the default policy promises
 */
public record FitOptions(long seed, boolean forms, Head.Sees sees, int mostRows, Objective objective) {

    /** At most 2 % of prompts that should be answered are refused. */
    public static final double DEFAULT_FALSE_REFUSAL = 0.02;

    /** What a small machine reads in an hour or two. */
    public static final int DEFAULT_ROWS = 20_000;

    public static final FitOptions DEFAULTS = new FitOptions(
            1,
            true,
            Head.Sees.MESSAGE,
            DEFAULT_ROWS,
            new Objective.FalseRefusal(DEFAULT_FALSE_REFUSAL, Objective.DEFAULT_CONFIDENCE, false));

    public FitOptions {
        if (mostRows < 1) {
            throw new IllegalArgumentException("mostRows: " + mostRows + " is not at least 1");
        }
    }
}
