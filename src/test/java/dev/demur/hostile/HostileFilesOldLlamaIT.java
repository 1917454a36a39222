package dev.demur.hostile;

import de.kherud.llama.LlamaModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The contract on java-llama.cpp's llama.cpp. */
class HostileFilesOldLlamaIT extends HostileFilesContract {

    @Override
    @Nullable
    Path llama() {
        return null;
    }

    @Override
    byte[] library() throws IOException {
        String architecture = System.getProperty("os.arch").replace("amd64", "x86_64");
        String resource = "/de/kherud/llama/Linux/" + architecture + "/libjllama.so";
        try (InputStream in = LlamaModel.class.getResourceAsStream(resource)) {
            return Objects.requireNonNull(in, resource).readAllBytes();
        }
    }

    @Override
    String generation() {
        return "old";
    }
}
