/**
 * Continuous batching: requests from any threads join and leave one running batch, token by token.
 *
 * <p>To read in this order:
 *
 * <ol>
 *   <li>{@link dev.demur.engine.Engine}: how a request enters, waits, is decoded and leaves, and which thread decodes. {@code
 *       WaitingLine} and {@code AdmissionQueue} are where it waits.
 *   <li>{@link dev.demur.engine.Job}: what a request is asked and told while it is under way. {@code Slot} has what the engine knows
 *       of it.
 *   <li>{@code Batch}: a turn. {@code PrefillPlan} chooses what of the prompts is decoded in it, {@code Steps} adds a token to every
 *       reply.
 *   <li>{@code Sequences}: who has which part of the memory. {@code Blocks} are what prompts share of it, {@code SavedConversations}
 *       what gave way and comes back. A {@code Place} is a context with its {@code Sequences}.
 * </ol>
 *
 * <p>Internal: not exported, and nobody outside Demur may use it. It changes with any release.
 */
@NullMarked
package dev.demur.engine;

import org.jspecify.annotations.NullMarked;
