/**
 * llama.cpp: opening a library, models, contexts, tokens, chat templates, reading of logits and sampling.
 *
 * <p>The classes here own native objects through {@code dev.demur.bindings} and are the only ones that do.
 *
 * <p>Internal: not exported, and nobody outside Demur may use it. It changes with any release.
 */
@NullMarked
package dev.demur.llama.internal;

import org.jspecify.annotations.NullMarked;
