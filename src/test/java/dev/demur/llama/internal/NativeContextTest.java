package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.demur.DemurException;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.MicroLlama;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeContextTest {

    @TempDir
    private Path folder;

    @Test
    void a_model_that_has_learned_its_positions_has_no_context_beyond_them() {
        GgufFile learned = GgufFile.read(MicroLlama.bytePair(1)
                .tensor("position_embd.weight", new float[32 * 8], 32, 8)
                .write(folder.resolve("learned.gguf")));
        assertDoesNotThrow(() -> NativeContext.requirePositions(learned, 8, 8));
        assertDoesNotThrow(
                () -> NativeContext.requirePositions(learned, 8, 0), "0 is the length that it was trained for");
        DemurException refused =
                assertThrows(DemurException.class, () -> NativeContext.requirePositions(learned, 8, 9));
        assertEquals(
                "the context size is 9, but the model knows only 8 positions: choose a smaller one",
                refused.getMessage());
    }

    @Test
    void a_model_that_computes_its_positions_may_have_a_longer_context() {
        GgufFile rotary = GgufFile.read(MicroLlama.bytePair(1).write(folder.resolve("rotary.gguf")));
        assertDoesNotThrow(() -> NativeContext.requirePositions(rotary, 8, 4096));
    }
}
