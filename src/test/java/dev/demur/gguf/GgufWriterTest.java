package dev.demur.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {

    private static final Path MODEL = Path.of("models", "demur-tiny.gguf");

    @TempDir
    private Path folder;

    @Test
    void keys_come_back_as_they_were_set() throws IOException {
        Path file = folder.resolve("keys.gguf");
        new GgufWriter()
                .string("a", "täxt")
                .integer("b", 7)
                .strings("c", List.of("", "two"))
                .floats("d", 1.5f, -0f, Float.MIN_VALUE)
                .integers("e", Long.MIN_VALUE, 3)
                .integers("f")
                .write(file);
        Metadata keys = Metadata.read(file);
        assertEquals(List.of("a", "b", "c", "d", "e", "f"), List.copyOf(keys.keys()));
        assertEquals("täxt", keys.string("a"));
        assertEquals(7, keys.integer("b").getAsLong());
        assertEquals(List.of("", "two"), keys.strings("c"));
        assertArrayEquals(new float[] {1.5f, -0f, Float.MIN_VALUE}, keys.floats("d"));
        assertArrayEquals(new long[] {Long.MIN_VALUE, 3}, keys.integers("e"));
        assertArrayEquals(new long[0], keys.integers("f"));
        assertThrows(GgufException.class, () -> keys.floats("e"));
        assertThrows(GgufException.class, () -> keys.integers("d"));
    }

    @Test
    void a_copy_has_the_weights_and_all_keys_but_those_left_out() throws IOException {
        GgufFile model = GgufFile.read(MODEL);
        Path file = folder.resolve("copy.gguf");
        new GgufWriter().string("demur.head.made_up", "x").copy(model, "demur.policy"::equals, file);
        GgufFile copy = GgufFile.read(file);
        assertEquals(model.tensors(), copy.tensors());
        assertFalse(copy.metadata().has("demur.policy"));
        assertEquals("x", copy.string("demur.head.made_up"));
        assertEquals(model.fingerprint(), copy.fingerprint(), "a policy and a head do not count");
        assertEquals(model.baseFingerprint(), copy.baseFingerprint());
        byte[] before = Files.readAllBytes(MODEL);
        byte[] after = Files.readAllBytes(file);
        int weights = (int) (before.length - model.contents().dataStart());
        assertArrayEquals(
                Arrays.copyOfRange(before, before.length - weights, before.length),
                Arrays.copyOfRange(after, after.length - weights, after.length));
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList(), "nothing unfinished stays");
        }
    }

    @Test
    void a_model_is_not_written_over_itself() throws IOException {
        Path copied = Files.copy(MODEL, folder.resolve("m.gguf"));
        GgufFile model = GgufFile.read(copied);
        assertTrue(assertThrows(DemurException.class, () -> new GgufWriter().copy(model, key -> false, copied))
                .getMessage()
                .contains("name another file"));
        assertArrayEquals(Files.readAllBytes(MODEL), Files.readAllBytes(copied));
    }
}
