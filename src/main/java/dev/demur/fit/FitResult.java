package dev.demur.fit;

import dev.demur.arguments.Given;
import dev.demur.calibration.CalibrationResult;
import dev.demur.evaluation.Evaluation;
import dev.demur.readout.HeadFile;
import dev.demur.statistics.Rate;
import java.util.List;

/**
 * A fitted head, and what is known of it.
 *
 * @param file the head with all that belongs to it, to be {@linkplain HeadFile#write written}
 * @param prompts how many prompts it was fitted on
 * @param unreadable how many could not be read and were left out
 * @param recipe how it was fitted, as a person reads it
 * @param bySource whether {@code leftOut} is by sources; else there were too few of them, and both are the same
 * @param leftOut how well heads that are fitted without a source tell its prompts
 * @param alike how well heads that are fitted without a prompt and its near-duplicates tell it
 * @param policy the default policy, which is in the file, and what it promises
 * @param evaluation what that policy does to the prompts, by heads that did not see them
 * @param ordinary how many of the prompts that should be answered and are no near misses the policy refuses, by heads that did
 *     not see them
 * @param flips what harmless forms change; empty where they were not read
 */
public record FitResult(
        HeadFile file,
        int prompts,
        int unreadable,
        String recipe,
        boolean bySource,
        Separation leftOut,
        Separation alike,
        CalibrationResult policy,
        Evaluation evaluation,
        Rate ordinary,
        List<FormFlips> flips) {

    public FitResult {
        Given.value(file, "file");
        Given.value(recipe, "recipe");
        Given.value(leftOut, "leftOut");
        Given.value(alike, "alike");
        Given.value(policy, "policy");
        Given.value(evaluation, "evaluation");
        Given.value(ordinary, "ordinary");
        flips = Given.list(flips, "flips");
    }
}
