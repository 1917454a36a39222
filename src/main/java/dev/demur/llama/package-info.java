/**
 * What the library says about models and takes for them: messages, sampling, cancellation, devices.
 *
 * <p>How llama.cpp is reached is internal: {@code dev.demur.llama.internal}.
 *
 * <p>Part of the API.
 */
@NullMarked
package dev.demur.llama;

import org.jspecify.annotations.NullMarked;
