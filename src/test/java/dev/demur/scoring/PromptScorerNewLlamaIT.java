package dev.demur.scoring;

import dev.demur.LoadOptions;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The contract on a current llama.cpp, whose library {@code demur.llama.new} names. */
@EnabledIfSystemProperty(
        named = "demur.llama.new",
        matches = ".+",
        disabledReason = "no current llama.cpp is named by demur.llama.new; native/fetch-llama brings one")
class PromptScorerNewLlamaIT extends PromptScorerContract {

    @Override
    LoadOptions options() {
        String library = Objects.requireNonNull(System.getProperty("demur.llama.new"));
        return LoadOptions.DEFAULTS.withLlama(Path.of(library));
    }
}
