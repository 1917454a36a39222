package dev.demur;

import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The contract on the processor of a current llama.cpp, whose library {@code demur.llama.new} names. */
@EnabledIfSystemProperty(
        named = "demur.llama.new",
        matches = ".+",
        disabledReason = "no current llama.cpp is named by demur.llama.new; native/fetch-llama brings one")
class GraphNewLlamaIT extends GraphContract {

    @Override
    LoadOptions device() {
        String library = Objects.requireNonNull(System.getProperty("demur.llama.new"));
        return LoadOptions.DEFAULTS.withLlama(Path.of(library));
    }

    @Override
    LoadOptions processor() {
        return device();
    }

    @Override
    int prompts() {
        return 320;
    }

    /** The logits are the same, and what is made of them in single precision is as far apart as that. */
    @Override
    double band() {
        return 1e-5;
    }
}
