package dev.demur.gguf;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rotations of dimensions over which the threads that compute end the process; a head of the models here has 8. */
class RotationRulesTest {

    private static final String DIMENSIONS = "llama.rope.dimension_count";
    private static final String SECTIONS = "llama.rope.dimension_sections";
    private static final String HEADS = "llama.attention.head_count";
    private static final String KEY_HEADS = "llama.attention.head_count_kv";
    private static final String KEY = "llama.attention.key_length";

    @TempDir
    private Path folder;

    private static GgufBuilder model() {
        return MicroLlama.bytePair(1);
    }

    /** Of the architecture, with 4 heads of 32 / 4 dimensions each, and nothing said of rotations. */
    private static GgufBuilder model(String architecture) {
        return model().string("general.architecture", architecture)
                .u32(architecture + ".embedding_length", 32)
                .u32(architecture + ".attention.head_count", 4);
    }

    @Test
    void the_scaling_must_be_of_a_kind_that_exists() {
        accepted(model().string("llama.rope.scaling.type", "yarn"));
        refused(
                model().string("llama.rope.scaling.type", "spiral"),
                "llama.rope.scaling.type is \"spiral\", not none, linear, yarn or longrope");
    }

    @Test
    void dimensions_must_be_in_pairs() {
        refused(model().u32(DIMENSIONS, 7), DIMENSIONS + " is 7, an odd number, but dimensions are rotated in pairs");
        refused(
                model().u32(DIMENSIONS + "_swa", 7),
                DIMENSIONS + "_swa is 7, an odd number, but dimensions are rotated in pairs");
    }

    @Test
    void where_all_of_a_heads_dimensions_are_rotated_they_must_be_in_pairs() {
        refused(
                model().remove(DIMENSIONS).u32(HEADS, 32),
                "llama.embedding_length divided by llama.attention.head_count is 1, an odd number, "
                        + "but dimensions are rotated in pairs, all where " + DIMENSIONS + " is missing");
        refused(
                model().remove(DIMENSIONS).i32s(HEADS, List.of(32, 32)),
                "llama.embedding_length divided by llama.attention.head_count is 1, an odd number");
        refused(model().remove(DIMENSIONS).u32(KEY, 7), KEY + " is 7, an odd number");
        accepted(model().remove(DIMENSIONS).u32(HEADS, 16));
        accepted(model().remove(DIMENSIONS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"key_length", "key_length_mla", "key_length_swa", "indexer.key_length"})
    void what_is_not_rotated_must_be_in_pairs_too(String size) {
        String key = "llama.attention." + size;
        refused(
                model().u32(key, 13),
                key + " is 13, an odd number, so that not all of a head's dimensions are in pairs");
        accepted(model().u32(key, 14));
    }

    @Test
    void some_dimensions_must_be_rotated() {
        refused(
                model().u32(DIMENSIONS, 0),
                DIMENSIONS + " is 0, so that no dimension of a head is rotated: it must be from 2 to 8");
        refused(model().u32(DIMENSIONS + "_swa", 0), DIMENSIONS + "_swa is 0");
        refused(
                model().remove(DIMENSIONS).u32(HEADS, 64),
                "llama.embedding_length divided by llama.attention.head_count is 0: a head needs at least 2 dimensions");
    }

    @Test
    void no_more_dimensions_may_be_rotated_than_a_head_has() {
        refused(
                model().u32(DIMENSIONS, 10),
                DIMENSIONS + " is 10, more than a head's 8 dimensions (llama.embedding_length divided by " + HEADS
                        + ")");
        accepted(model().u32(DIMENSIONS, 10).u32(KEY, 10));
        refused(model().u32(KEY, 6), DIMENSIONS + " is 8, more than a head's 6 dimensions (" + KEY + ")");
        accepted(model().u32(DIMENSIONS, 4));
    }

    @Test
    void heads_of_blocks_count_as_the_first_ones() {
        refused(
                model().i32s(HEADS, List.of(16, 16)),
                DIMENSIONS + " is 8, more than a head's 2 dimensions (llama.embedding_length divided by " + HEADS
                        + ")");
        accepted(model().i32s(HEADS, List.of(4, 16)));
        accepted(model().i32s(HEADS, List.of(16, 4))
                .i32s(KEY_HEADS, List.of(2, 2))
                .u32(KEY, 8));
    }

    @Test
    void heads_within_a_window_may_have_another_size() {
        String windowed = KEY + "_swa";
        refused(
                model().u32(windowed, 6),
                DIMENSIONS + "_swa is missing, and so 8, more than a head's 6 dimensions (" + windowed + ")");
        accepted(model().u32(windowed, 6).u32(DIMENSIONS + "_swa", 6));
        refused(
                model().u32(windowed, 16).u32(DIMENSIONS + "_swa", 18),
                DIMENSIONS + "_swa is 18, more than a head's 16 dimensions (" + windowed + ")");
        accepted(model().u32(windowed, 16).u32(DIMENSIONS + "_swa", 16));
    }

    @Test
    void sections_must_be_some_of_a_heads_dimensions() {
        accepted(model().i32s(SECTIONS, List.of(2, 3, 3, 0)));
        refused(
                model().i32s(SECTIONS, List.of(3, 3, 3, 0)),
                SECTIONS + " are 9 together, more than a head's 8 dimensions");
        refused(
                model().i32s(HEADS, List.of(16, 16)).u32(DIMENSIONS, 2).i32s(SECTIONS, List.of(1, 1, 1, 0)),
                SECTIONS + " are 3 together, more than a head's 2 dimensions");
        refused(model().i32s(SECTIONS, List.of(0, 0, 0, 0)), SECTIONS + " are 0");
        refused(
                model().i32s(SECTIONS, List.of(0, 0, 0, 4)),
                SECTIONS + " are 0, at least one of the first three must not be");
    }

    @Test
    void a_number_of_dimensions_is_one_number() {
        refused(model().i32s(DIMENSIONS, List.of()), DIMENSIONS + " is of type array of i32, not an integer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "mamba", "rwkv6", "glm5-next"})
    void models_that_do_not_rotate_may_say_what_they_like(String architecture) {
        accepted(model(architecture).u32(architecture + ".rope.dimension_count", 0));
        accepted(model(architecture).u32(architecture + ".attention.key_length", 7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"phi3", "stablelm", "qwen2", "an-architecture-to-come"})
    void others_are_taken_to_rotate(String architecture) {
        accepted(model(architecture));
        refused(
                model(architecture).u32(architecture + ".embedding_length", 4),
                architecture + ".embedding_length divided by " + architecture
                        + ".attention.head_count is 1, an odd number");
    }

    private void accepted(GgufBuilder builder) {
        assertDoesNotThrow(() -> GgufFile.read(builder.write(folder.resolve("model.gguf"))));
    }

    private void refused(GgufBuilder builder, String message) {
        Path file = builder.write(folder.resolve("model.gguf"));
        String text = String.valueOf(
                assertThrows(GgufException.class, () -> GgufFile.read(file)).getMessage());
        assertTrue(text.startsWith("model.gguf: ") && text.contains(message), text);
    }
}
