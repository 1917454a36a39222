/**
 * The entry: load a model, decide, generate.
 *
 * <p>{@link dev.demur.Demur} reads as the one flow of the project: messages become token ids by the chat template, one
 * decode leads to the position where the {@link dev.demur.readout.Readout} reads the probabilities of the labels, a policy
 * decides, the readout says how the reply begins after that, and the sampler draws the rest.
 */
@NullMarked
package dev.demur;

import org.jspecify.annotations.NullMarked;
