/**
 * How Java reaches {@code libdemur}: one interface with a method per function of {@code demur.h}, its JNI and FFM
 * implementations, and what finds, verifies and loads the native libraries.
 *
 * <p>Internal: applications use {@code dev.demur}; this package may change in any release.
 */
@NullMarked
package dev.demur.bindings;

import org.jspecify.annotations.NullMarked;
