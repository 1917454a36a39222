package dev.demur.readout.internal;

import dev.demur.llama.HiddenState;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.HiddenStates;
import dev.demur.llama.internal.LlamaContext;
import java.util.List;

/**
 * The hidden states of prompts that are decoded on one context: at their ends, and as means over the tokens of the user's last
 * message. What a head is fitted on and what it decides by. For the context's thread.
 */
public final class PromptStates {

    private final LlamaContext context;
    private final HiddenStates hidden;
    private final boolean pools;

    private PromptStates(LlamaContext context, HiddenStates hidden, boolean pools) {
        this.context = context;
        this.hidden = hidden;
        this.pools = pools;
    }

    /** Captures values on a context from now on; errors as for {@link LlamaContext#captureHidden}. */
    public static PromptStates on(LlamaContext context, List<HiddenState> values) {
        boolean pools = values.stream().anyMatch(value -> value.pooling() == HiddenState.Pooling.MEAN);
        return new PromptStates(context, context.captureHidden(values), pools);
    }

    /**
     * To be called when a sequence holds the beginning of a prompt, before the rest is decoded. A message that has no token of
     * its own is read as all of its prompt.
     *
     * @param held how many of the prompt's tokens it holds
     * @return how many it holds now
     */
    public int hold(int sequence, EncodedPrompt prompt, int held) {
        if (!pools) {
            return held;
        }
        boolean empty = prompt.from() == prompt.to();
        return context.poolOver(hidden, sequence, empty ? 0 : prompt.from(), empty ? prompt.ids().length : prompt.to());
    }

    /** What was captured of a sequence; see {@link HiddenStates#read}. */
    public float[] read(int sequence) {
        return hidden.read(sequence);
    }
}
