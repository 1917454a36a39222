package dev.demur.cli.options;

import dev.demur.policy.RefusalPolicy;

/**
 * The policy that options choose, and where it came from.
 *
 * @param policy what decides
 * @param calibrated the same with the calibration of the policy before options changed it, to be compared with it
 * @param source where it came from, for messages
 */
public record ChosenPolicy(RefusalPolicy policy, RefusalPolicy calibrated, String source) {

    /** What decides, and the policy before options changed it. */
    public static ChosenPolicy of(RefusalPolicy policy, RefusalPolicy start, String source) {
        return new ChosenPolicy(policy, policy.withCalibration(start.calibration()), source);
    }
}
