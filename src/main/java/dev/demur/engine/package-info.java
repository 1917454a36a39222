/**
 * Continuous batching: requests from any threads join and leave one running batch, token by token.
 *
 * <p>{@link dev.demur.engine.Engine} says how a request enters, waits, decodes and leaves.
 */
@NullMarked
package dev.demur.engine;

import org.jspecify.annotations.NullMarked;
