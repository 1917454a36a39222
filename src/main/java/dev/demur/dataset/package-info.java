/**
 * Data sets: prompts with what is right to do about each, read one at a time.
 *
 * <p>A {@link dev.demur.dataset.PromptSource} gives {@linkplain dev.demur.dataset.LabelledPrompt labelled prompts} to what
 * scores or fits. {@link dev.demur.dataset.JsonlPrompts} reads them from JSONL. For another format write a source of your
 * own: {@link dev.demur.dataset.RowLabels} makes rows of texts, and a {@link dev.demur.dataset.BadRowException} tells of one
 * that cannot be used. {@link dev.demur.dataset.PromptHash} tells whether two prompts ask the same.
 *
 * <p>Part of the API. Knows of no model and no score.
 */
@NullMarked
package dev.demur.dataset;

import org.jspecify.annotations.NullMarked;
