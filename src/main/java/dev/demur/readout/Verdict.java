package dev.demur.readout;

import dev.demur.policy.Decision;

/**
 * What a readout gives to be acted on.
 *
 * @param decision what was decided
 * @param opening how a reply begins after it
 */
public record Verdict(Decision decision, Opening opening) {}
