/**
 * What counts and scores tell: rates with exact intervals, and curves. Knows of no prompt, model or policy.
 *
 * <p>{@link dev.demur.statistics.Rate} and {@link dev.demur.statistics.ClopperPearson} are about counts, {@link
 * dev.demur.statistics.RocCurve}, {@link dev.demur.statistics.OperatingPoint} and {@link dev.demur.statistics.Reliability} about
 * the scores of what should be refused and of what should be answered. {@link dev.demur.statistics.Percentage} writes a
 * promised share in few digits.
 *
 * <p>Part of the API: evaluations consist of these.
 */
@NullMarked
package dev.demur.statistics;

import org.jspecify.annotations.NullMarked;
