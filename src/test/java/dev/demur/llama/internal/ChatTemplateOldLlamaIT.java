package dev.demur.llama.internal;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The contract on java-llama.cpp's library, which is of the old generation. */
class ChatTemplateOldLlamaIT extends ChatTemplateContract {

    @Override
    @Nullable
    Path llama() {
        return null;
    }
}
