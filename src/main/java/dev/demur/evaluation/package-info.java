/**
 * What a policy does to labelled prompts: what {@code demur eval} does.
 *
 * <p>{@link dev.demur.evaluation.Evaluation} counts on scored prompts, without the model: {@linkplain
 * dev.demur.evaluation.RefusalRates rates} with intervals, {@linkplain dev.demur.evaluation.Confusion what was decided in place of
 * what}, and {@linkplain dev.demur.evaluation.Steering what moving a threshold does}. {@link dev.demur.evaluation.WrongDecision}
 * lists the rows that are decided otherwise than they are labelled. {@link dev.demur.evaluation.TextEvaluator} lets the model
 * reply and compares the text with the decision.
 *
 * <p>Part of the API. docs/CALIBRATION.md explains the numbers.
 */
@NullMarked
package dev.demur.evaluation;

import org.jspecify.annotations.NullMarked;
