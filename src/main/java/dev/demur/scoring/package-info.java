/**
 * Scores of data sets: what {@code demur score} does.
 *
 * <p>{@link dev.demur.scoring.PromptScorer} reads the probabilities of every prompt of a data set by a loaded model.
 * {@link dev.demur.scoring.ScoreWriter} keeps them in a file, which {@link dev.demur.scoring.ScoreFile} reads; {@link
 * dev.demur.scoring.ScoreMeta} tells what it was made with. As {@link dev.demur.scoring.ScoredPrompts} they lie in columns, so that
 * a policy is calibrated, evaluated and {@linkplain dev.demur.scoring.ScoredPrompts#decide decided by} in milliseconds, without
 * the model.
 *
 * <p>Part of the API. Scores and decisions come from {@link dev.demur.policy.Rules} alone; nothing here compares a score with a
 * threshold to decide a refusal.
 */
@NullMarked
package dev.demur.scoring;

import org.jspecify.annotations.NullMarked;
