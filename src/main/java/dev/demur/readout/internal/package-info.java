/**
 * What reads the numbers of the labels: the seam between models and policies.
 *
 * <p>A {@link dev.demur.readout.internal.Readout} says what it reads ({@link dev.demur.policy.Labels}), reads it on a context
 * ({@link dev.demur.policy.Reading}), and says how a reply begins after a decision ({@link dev.demur.readout.Opening}). {@link
 * dev.demur.readout.internal.TokenReadout} is for models trained with control tokens, {@link
 * dev.demur.readout.internal.HeadReadout} reads hidden states, {@link dev.demur.readout.words.internal.WordsReadout} the words that
 * a model answers a question with, and {@link dev.demur.readout.internal.DeciderReadout} puts any of them on another model than the
 * one that answers. What needs another one implements this interface, and touches no rule, no calibration and no report.
 *
 * <p>Internal: not exported, and nobody outside Demur may use it. It changes with any release.
 */
@NullMarked
package dev.demur.readout.internal;

import org.jspecify.annotations.NullMarked;
