package dev.demur.readout;

import dev.demur.gguf.GgufFile;
import dev.demur.llama.ChatTemplate;
import dev.demur.llama.Kernel;
import dev.demur.llama.LlamaModel;
import dev.demur.llama.Processing;
import java.util.Map;

/** Finds what a model can be decided by: the one place that knows which readouts there are. */
public final class ReadoutFinder {

    /** A readout that was found in a file, for when the model is loaded. */
    @FunctionalInterface
    public interface Found {

        /**
         * The readout on the loaded model.
         *
         * @param template renders conversations, for a readout that has a prompt of its own
         * @param kernel what reads rows of logits to decide
         * @param processing where the logits are read, as far as that is possible
         */
        Readout on(LlamaModel model, ChatTemplate template, Kernel kernel, Processing processing);
    }

    private ReadoutFinder() {}

    /**
     * What a file has: the control tokens that it was trained with.
     *
     * @param controlTokens a mapping as {@link DecisionTokenFinder#find(GgufFile, Map)} takes it; empty: what the file tells
     * @throws IllegalArgumentException if there is nothing to decide by; the message names the file and what is missing
     */
    public static Found find(GgufFile file, Map<String, String> controlTokens) {
        DecisionTokens tokens = DecisionTokenFinder.find(file, controlTokens).tokens();
        return (model, template, kernel, processing) -> new TokenReadout(tokens, kernel, processing);
    }
}
