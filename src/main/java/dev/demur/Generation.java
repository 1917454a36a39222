package dev.demur;

import dev.demur.llama.Processing;
import dev.demur.policy.Decision;

/**
 * What became of a prompt: the decision at the first position and the text that followed it.
 *
 * @param decision with every number it was made from
 * @param text the reply, without control tokens
 * @param finishReason why it ended
 * @param timings where the time went
 * @param processing where the logits were read, which may be the host although the compute graph was asked for
 */
public record Generation(
        Decision decision, String text, FinishReason finishReason, Timings timings, Processing processing) {}
