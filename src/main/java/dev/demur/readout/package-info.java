/**
 * Where the numbers of the labels come from: the seam between models and policies.
 *
 * <p>A {@link dev.demur.readout.Readout} says what it reads ({@link dev.demur.policy.Labels}), reads it on a context ({@link
 * dev.demur.policy.Reading}), and says how a reply begins after a decision ({@link dev.demur.readout.Opening}). {@link
 * dev.demur.readout.TokenReadout} is for models trained with control tokens, {@link dev.demur.readout.HeadReadout} reads hidden
 * states, {@link dev.demur.readout.words.WordsReadout} the words that a model answers a question with, and {@link
 * dev.demur.readout.DeciderReadout} puts any of them on another model than the one that answers. What needs another one
 * implements this interface, and touches no rule, no calibration and no report.
 */
@NullMarked
package dev.demur.readout;

import org.jspecify.annotations.NullMarked;
