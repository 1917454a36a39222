/**
 * What the packages of Demur see of a loaded model and its users do not.
 *
 * <p>Internal: not exported, and nobody outside Demur may use it. It changes with any release.
 */
@NullMarked
package dev.demur.internal;

import org.jspecify.annotations.NullMarked;
