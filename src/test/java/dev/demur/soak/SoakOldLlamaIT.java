package dev.demur.soak;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The contract on java-llama.cpp's llama.cpp. */
class SoakOldLlamaIT extends SoakContract {

    @Override
    @Nullable
    Path llama() {
        return null;
    }
}
