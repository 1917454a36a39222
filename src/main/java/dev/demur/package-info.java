/**
 * The entry: load a model, decide, generate.
 *
 * <p>{@link dev.demur.Demur} reads as the one flow of the project: messages become token ids by the chat template, one
 * decode gives the logits at the first position, the logits processor reads the control tokens' probabilities from them,
 * a policy decides, the decision forces the first token, and the sampler draws the rest.
 */
@NullMarked
package dev.demur;

import org.jspecify.annotations.NullMarked;
