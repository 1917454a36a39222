package dev.demur;

import dev.demur.arguments.Given;
import dev.demur.llama.Processing;
import dev.demur.policy.Decision;
import dev.demur.readout.Opening;

/**
 * What became of a prompt: the decision on it, and the text that followed.
 *
 * @param decision with every number it was made from
 * @param opening how the readout has a reply begin after it; a policy's fixed reply takes its place
 * @param text the reply, without the tokens that only tell a decision
 * @param finishReason why it ended
 * @param timings where the time went
 * @param processing where the logits were read, which may be the host although the compute graph was asked for
 */
public record Generation(
        Decision decision,
        Opening opening,
        String text,
        FinishReason finishReason,
        Timings timings,
        Processing processing) {

    public Generation {
        Given.value(decision, "decision");
        Given.value(opening, "opening");
        Given.value(text, "text");
        Given.value(finishReason, "finishReason");
        Given.value(timings, "timings");
        Given.value(processing, "processing");
    }

    /** The same with another text. */
    Generation withText(String newText) {
        return new Generation(decision, opening, newText, finishReason, timings, processing);
    }
}
