package dev.demur.hostile;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The contract on java-llama.cpp's llama.cpp. */
class HostileFilesOldLlamaIT extends HostileFilesContract {

    @Override
    @Nullable
    Path llama() {
        return null;
    }

    @Override
    String generation() {
        return "old";
    }
}
