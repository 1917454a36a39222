/**
 * llama.cpp: opening a library, models, contexts, tokens, chat templates, reading of logits and sampling.
 *
 * <p>The classes here own native objects through {@code dev.demur.bindings} and are the only ones that do.
 */
@NullMarked
package dev.demur.llama;

import org.jspecify.annotations.NullMarked;
