package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.demur.llama.internal.LlamaRuntime;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The contract on a current llama.cpp, whose library {@code demur.llama.new} names. */
@EnabledIfSystemProperty(
        named = "demur.llama.new",
        matches = ".+",
        disabledReason = "no current llama.cpp is named by demur.llama.new; native/fetch-llama brings one")
class NewLlamaIT extends DemurContract {

    @Override
    LoadOptions options() {
        String library = Objects.requireNonNull(System.getProperty("demur.llama.new"));
        return LoadOptions.DEFAULTS.withLlama(Path.of(library));
    }

    @Override
    String abi() {
        return "new";
    }

    @Test
    void its_version_is_the_one_that_counts_as_tested() {
        LlamaRuntime.Description llama = LlamaRuntime.open(options().llama()).describe();
        assertEquals(LlamaRuntime.NEWEST_TESTED, llama.version().replaceFirst("-.*", ""));
        assertFalse(llama.newerThanTested());
    }
}
