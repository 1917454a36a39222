/**
 * Fits a head on labelled prompts for a model that stays as it is: six linear rows, for the paper's five categories and respond,
 * over the hidden states of a few layers.
 *
 * <p>{@link dev.demur.fit.HeadFitter} runs the model once over the prompts, keeps what it read in a file, chooses by
 * cross-validation what the head reads and how it is fitted, and calibrates a policy on scores that no head gave to a prompt
 * that it was fitted on. What comes out is a {@link dev.demur.readout.HeadFile}.
 */
@NullMarked
package dev.demur.fit;

import org.jspecify.annotations.NullMarked;
