/**
 * Frames: how a model is asked for its judgement in words, and which words of its answer mean which label.
 *
 * <p>How they are put to a model is internal: {@code dev.demur.readout.words.internal}.
 *
 * <p>Part of the API.
 */
@NullMarked
package dev.demur.readout.words;

import org.jspecify.annotations.NullMarked;
