package dev.demur.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The contract on a current llama.cpp, whose library {@code demur.llama.new} names. */
@EnabledIfSystemProperty(
        named = "demur.llama.new",
        matches = ".+",
        disabledReason = "no current llama.cpp is named by demur.llama.new; native/fetch-llama brings one")
class HostileFilesNewLlamaIT extends HostileFilesContract {

    @Override
    @Nullable
    Path llama() {
        return Path.of(Objects.requireNonNull(System.getProperty("demur.llama.new")));
    }

    @Override
    byte[] library() throws IOException {
        return Files.readAllBytes(Objects.requireNonNull(llama()));
    }

    @Override
    String generation() {
        return "new";
    }
}
