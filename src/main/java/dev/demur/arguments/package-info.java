/**
 * What public methods and constructors have in common: arguments that must be there.
 *
 * <p>A pure leaf, which every package may use.
 *
 * <p>Internal: not exported, and nobody outside Demur may use it. It changes with any release.
 */
@NullMarked
package dev.demur.arguments;

import org.jspecify.annotations.NullMarked;
