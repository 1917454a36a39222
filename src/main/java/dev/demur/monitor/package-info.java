/**
 * Watches whether a policy's promise still holds, while it is used.
 *
 * <p>A {@link dev.demur.monitor.Monitor} is told decisions and, for an {@linkplain dev.demur.monitor.AuditPlan audited}
 * sample of them, what would have been right. It bets against the promise and raises an alarm once the bets have won too
 * much for a promise that holds. It may be looked at after every label: the probability of a false alarm is bounded over
 * all time. The proof stands in docs/CALIBRATION.md, how to use it in docs/MONITORING.md.
 *
 * <p>Part of the API.
 */
@NullMarked
package dev.demur.monitor;

import org.jspecify.annotations.NullMarked;
