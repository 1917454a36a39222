package dev.demur.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that are split into several files. */
class SplitFilesTest {

    private static final String FIRST = "model-00001-of-00002.gguf";
    private static final String SECOND = "model-00002-of-00002.gguf";

    @TempDir
    private Path folder;

    @Test
    void the_first_part_stands_for_all() {
        part(0, 2, "a").string("general.architecture", "test").write(folder.resolve(FIRST));
        part(1, 2, "b").write(folder.resolve(SECOND));
        GgufFile file = GgufFile.read(folder.resolve(FIRST));
        assertEquals(2, file.tensors().size());
        assertEquals("b", file.tensors().get(1).name());
        long size = folder.resolve(FIRST).toFile().length()
                + folder.resolve(SECOND).toFile().length();
        assertEquals(size, file.fileSize());
    }

    @Test
    void another_part_is_an_error_that_names_the_way_out() {
        part(1, 2, "b").string("general.architecture", "test").write(folder.resolve(SECOND));
        refused(SECOND, SECOND + ": is part 2 of 2 of a split model; name the first part");
    }

    @Test
    void a_missing_part_is_an_error() {
        part(0, 2, "a").string("general.architecture", "test").write(folder.resolve(FIRST));
        refused(FIRST, SECOND + ": does not exist");
    }

    @Test
    void a_damaged_part_is_an_error() {
        part(0, 2, "a").string("general.architecture", "test").write(folder.resolve(FIRST));
        part(1, 2, "b").tensor("b", new float[1], 1).write(folder.resolve(SECOND));
        refused(FIRST, SECOND + ": has the tensor b twice");
    }

    @Test
    void a_part_with_another_number_is_an_error() {
        part(0, 2, "a").string("general.architecture", "test").write(folder.resolve(FIRST));
        part(2, 2, "b").write(folder.resolve(SECOND));
        refused(FIRST, SECOND + ": should be part 2 of " + FIRST + " by its name");
        part(1, 2, "b").remove("split.no").write(folder.resolve(SECOND));
        refused(FIRST, SECOND + ": should be part 2 of " + FIRST + " by its name");
    }

    @Test
    void a_renamed_first_part_is_an_error() {
        part(0, 2, "a").string("general.architecture", "test").write(folder.resolve("model.gguf"));
        refused("model.gguf", "model.gguf: is the first of 2 parts; give it back its name, which ends in");
    }

    @Test
    void numbers_must_be_of_the_type_that_llama_cpp_takes_for_granted() {
        part(0, 2, "a")
                .string("general.architecture", "test")
                .u32("split.count", 2)
                .write(folder.resolve(FIRST));
        refused(FIRST, FIRST + ": split.count is of type u32, not u16");
    }

    @Test
    void a_single_part_is_a_whole_model() {
        part(0, 1, "a").string("general.architecture", "test").write(folder.resolve("model.gguf"));
        assertEquals(1, GgufFile.read(folder.resolve("model.gguf")).tensors().size());
    }

    private static GgufBuilder part(int number, int count, String tensor) {
        return new GgufBuilder()
                .u16("split.no", number)
                .u16("split.count", count)
                .i32("split.tensors.count", 2)
                .tensor(tensor, new float[1], 1);
    }

    private void refused(String name, String message) {
        GgufException e = assertThrows(GgufException.class, () -> GgufFile.read(folder.resolve(name)));
        assertTrue(String.valueOf(e.getMessage()).startsWith(message), e.getMessage());
    }
}
