/**
 * One pass of a model over many prompts, spread over the machine: what scores and what fits both run.
 *
 * <p>{@link dev.demur.scoring.pass.PromptPass} runs a {@link dev.demur.scoring.pass.PromptTask} on every row and tells a {@link
 * dev.demur.scoring.pass.PassSink}; {@link dev.demur.scoring.pass.ScoringPlan} says how many contexts compute side by side. {@code
 * ScoringRun} has the threads, {@code PromptDecoder} a context.
 *
 * <p>Internal: the module does not export it, and it may change in any release. Applications use {@link
 * dev.demur.scoring.PromptScorer}.
 */
@NullMarked
package dev.demur.scoring.pass;

import org.jspecify.annotations.NullMarked;
