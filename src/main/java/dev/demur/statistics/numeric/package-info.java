/**
 * Where a number between 0 and 1 lies: search to the last bit, distances in log-odds, cuts among scores.
 *
 * <p>Internal: the module does not export it, and it may change in any release.
 */
@NullMarked
package dev.demur.statistics.numeric;

import org.jspecify.annotations.NullMarked;
