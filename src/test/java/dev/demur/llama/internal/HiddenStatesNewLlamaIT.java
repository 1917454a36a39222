package dev.demur.llama.internal;

import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The contract on a current llama.cpp, whose library {@code demur.llama.new} names. */
@EnabledIfSystemProperty(
        named = "demur.llama.new",
        matches = ".+",
        disabledReason = "no current llama.cpp is named by demur.llama.new; native/fetch-llama brings one")
class HiddenStatesNewLlamaIT extends HiddenStatesContract {

    @Override
    Path llama() {
        return Path.of(Objects.requireNonNull(System.getProperty("demur.llama.new")));
    }
}
