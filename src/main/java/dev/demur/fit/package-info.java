/**
 * Fits a head on labelled prompts for a model that stays as it is: over the hidden states of a few layers one linear row for each
 * category that the prompts have, and one for respond. The categories are the paper's five, {@code distress} for people who need care,
 * and others by the names that the prompts give them.
 *
 * <p>{@link dev.demur.fit.HeadFitter} runs the model once over the prompts, keeps what it read in a file, chooses by
 * cross-validation what the head reads and how it is fitted, and calibrates a policy on scores that no head gave to a prompt
 * that it was fitted on. What comes out is a {@link dev.demur.readout.HeadFile}.
 *
 * <p>Part of the API.
 */
@NullMarked
package dev.demur.fit;

import org.jspecify.annotations.NullMarked;
