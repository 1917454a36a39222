package dev.demur.cli;

import dev.demur.policy.RefusalPolicy;

/**
 * The policy that options choose, and where it came from.
 *
 * @param policy what decides
 * @param calibrated the policy before options changed it, but at the &tau; that is used, with its calibration
 * @param source where it came from, for messages
 */
record ChosenPolicy(RefusalPolicy policy, RefusalPolicy calibrated, String source) {}
