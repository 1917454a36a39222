/**
 * Thresholds that keep a promise: what {@code demur calibrate} does.
 *
 * <p>{@link dev.demur.calibration.Calibrator} chooses the thresholds of a policy on {@linkplain dev.demur.scoring.ScoredPrompts
 * scored prompts}, by a {@link dev.demur.calibration.CalibrationRequest} with an {@link dev.demur.calibration.Objective}; {@link
 * dev.demur.calibration.Refit} fits a map before. What is promised, and the proof, stand in docs/CALIBRATION.md. {@link
 * dev.demur.calibration.Promise} says in a sentence what a policy promises to the model that runs, {@link
 * dev.demur.calibration.Provenance} how what it was calibrated with differs, {@link dev.demur.calibration.Noise} what another
 * device may change.
 *
 * <p>Part of the API. No type knows where the probabilities were read.
 */
@NullMarked
package dev.demur.calibration;

import org.jspecify.annotations.NullMarked;
