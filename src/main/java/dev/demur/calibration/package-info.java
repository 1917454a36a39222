/**
 * Thresholds that keep a promise: scored prompts, calibration and evaluation.
 *
 * <p>A data set is scored once, which yields a {@link dev.demur.calibration.ScoreFile}. Its {@link
 * dev.demur.calibration.ScoredPrompts} lie in columns, so that a policy is {@linkplain
 * dev.demur.calibration.Calibrator calibrated}, {@linkplain dev.demur.calibration.Evaluation evaluated} and {@linkplain
 * dev.demur.calibration.ScoredPrompts#decide decided anew} in milliseconds, without the model. What is promised, and the
 * proof, stand in docs/CALIBRATION.md.
 *
 * <p>Scores and decisions come from {@link dev.demur.policy.Rules} alone; nothing here compares a score with a
 * threshold to decide a refusal. No type knows where the probabilities were read.
 */
@NullMarked
package dev.demur.calibration;

import org.jspecify.annotations.NullMarked;
