/**
 * The entry: load a model, decide, generate.
 *
 * <p>{@link dev.demur.Demur} reads as the one flow of the project: messages become token ids by the chat template, one
 * decode leads to the position where the {@linkplain dev.demur.readout.ReadoutInfo readout} reads the probabilities of the
 * labels, a policy decides, the readout says how the reply begins after that, and the sampler draws the rest.
 *
 * <p><b>Errors.</b> What Demur cannot do for a reason outside the calling program (a file, a model, a device, data, a limit)
 * is a {@link dev.demur.DemurException}; its subclasses tell more. What the calling program does wrong is told by Java's
 * exceptions, in every package: an argument that is null where the parameter is not {@code @Nullable}, or out of its range,
 * is an {@link java.lang.IllegalArgumentException}, and use after close an {@link java.lang.IllegalStateException}. What was
 * cancelled before there was a result is a {@link java.util.concurrent.CancellationException}.
 *
 * <p>Part of the API.
 */
@NullMarked
package dev.demur;

import org.jspecify.annotations.NullMarked;
