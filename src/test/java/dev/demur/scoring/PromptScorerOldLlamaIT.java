package dev.demur.scoring;

import dev.demur.LoadOptions;

/** The contract on java-llama.cpp's library, which is of the old generation. */
class PromptScorerOldLlamaIT extends PromptScorerContract {

    @Override
    LoadOptions options() {
        return LoadOptions.DEFAULTS;
    }
}
