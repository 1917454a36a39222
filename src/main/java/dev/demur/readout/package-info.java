/**
 * Where the numbers of the labels come from: the seam between models and policies.
 *
 * <p>A {@link dev.demur.readout.Readout} says what it reads ({@link dev.demur.policy.Labels}), reads it on a context ({@link
 * dev.demur.policy.Reading}), and says how a reply begins after a decision ({@link dev.demur.readout.Opening}). There is
 * one: {@link dev.demur.readout.TokenReadout} for models trained with control tokens. What needs another one implements
 * this interface, and touches no rule, no calibration and no report.
 */
@NullMarked
package dev.demur.readout;

import org.jspecify.annotations.NullMarked;
