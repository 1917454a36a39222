/**
 * What a model is decided by: what it tells of itself, heads and their files, control tokens, and how a reply begins after a
 * decision.
 *
 * <p>How the numbers are read is internal: {@code dev.demur.readout.internal}.
 *
 * <p>Part of the API.
 */
@NullMarked
package dev.demur.readout;

import org.jspecify.annotations.NullMarked;
