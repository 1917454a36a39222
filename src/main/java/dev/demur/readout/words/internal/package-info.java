/**
 * The readout of ordinary words: frames are read from JSON, put to a model, and the words that it could answer with are read.
 *
 * <p>Internal: not exported, and nobody outside Demur may use it. It changes with any release.
 */
@NullMarked
package dev.demur.readout.words.internal;

import org.jspecify.annotations.NullMarked;
