/**
 * How Java reaches {@code libdemur}: one interface with a method per function of {@code demur.h}, its JNI and FFM
 * implementations, and what finds, verifies and loads the native libraries.
 *
 * <p>Internal: not exported, and nobody outside Demur may use it. It changes with any release.
 */
@NullMarked
package dev.demur.bindings;

import org.jspecify.annotations.NullMarked;
