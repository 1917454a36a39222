/**
 * The readout of ordinary words: a model is asked for its judgement by a {@link dev.demur.readout.words.Frame}, and the
 * probabilities of the words that it could answer with are the numbers of the labels.
 */
@NullMarked
package dev.demur.readout.words;

import org.jspecify.annotations.NullMarked;
