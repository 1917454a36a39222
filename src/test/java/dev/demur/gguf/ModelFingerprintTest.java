package dev.demur.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFingerprintTest {

    private static final int EDGE = 4096;
    private static final int LONG_TENSOR = 3 * EDGE;

    @TempDir
    private Path folder;

    private String fingerprint(GgufBuilder builder) {
        return GgufFile.read(builder.write(folder.resolve("model.gguf"))).fingerprint();
    }

    private static GgufBuilder model() {
        return MicroLlama.bytePair(1);
    }

    /** With a tensor of which only the edges count; one of its bytes is changed. */
    private static GgufBuilder withLongTensor(int changed) {
        byte[] bytes = new byte[LONG_TENSOR];
        bytes[changed] = 1;
        return model().tensor("extra.weight", TensorType.F32.id(), bytes, LONG_TENSOR / 4);
    }

    @Test
    void the_same_file_has_the_same_fingerprint_wherever_it_lies() throws IOException {
        String first = fingerprint(model());
        assertTrue(first.matches("sha256:[0-9a-f]{64}"), first);
        Path other = Files.createDirectory(folder.resolve("other")).resolve("renamed.gguf");
        assertEquals(first, GgufFile.read(model().write(other)).fingerprint());
    }

    @Test
    void an_embedded_policy_does_not_change_it() {
        assertEquals(fingerprint(model()), fingerprint(model().string("demur.policy", "{}")));
    }

    @Test
    void any_other_key_value_tensor_and_weight_at_an_edge_changes_it() {
        List<UnaryOperator<GgufBuilder>> changes = List.of(
                builder -> builder,
                builder -> builder.string("general.name", "Macro Llama"),
                builder -> builder.string("general.author", ""),
                builder -> builder.string("general.author", "demur"),
                builder -> builder.f32("llama.rope.freq_base", 10001),
                builder -> builder.strings("demur.category.ids", List.of("a", "bc")),
                builder -> builder.strings("demur.category.ids", List.of("ab", "c")),
                builder -> builder.tensor("extra.weight", new float[32], 32),
                builder -> builder.tensor("extra.weight", new float[32], 16, 2),
                builder -> builder.tensor("other.weight", new float[32], 32));
        Set<String> fingerprints = new HashSet<>();
        changes.forEach(change -> fingerprints.add(fingerprint(change.apply(model()))));
        assertEquals(changes.size(), fingerprints.size());
        assertNotEquals(fingerprint(model()), fingerprint(MicroLlama.bytePair(2)));
    }

    @Test
    void of_a_long_tensor_the_first_and_the_last_4_kib_count() {
        String middle = fingerprint(withLongTensor(EDGE));
        assertEquals(middle, fingerprint(withLongTensor(LONG_TENSOR - EDGE - 1)));
        for (int at : new int[] {0, EDGE - 1, LONG_TENSOR - EDGE, LONG_TENSOR - 1}) {
            assertNotEquals(middle, fingerprint(withLongTensor(at)), "byte " + at);
        }
    }
}
