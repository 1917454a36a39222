package dev.demur.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedFileTest {

    @TempDir
    private Path folder;

    private Path cache() throws IOException {
        return Files.createDirectory(
                folder.resolve("cache"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    @Test
    void files_of_the_same_content_have_one_place_and_others_another() throws IOException {
        Path cache = cache();
        Path one = Files.writeString(folder.resolve("one.gguf"), "weights");
        Path same = Files.writeString(folder.resolve("same.gguf"), "weights");
        Path other = Files.writeString(folder.resolve("other.gguf"), "more weights");
        Path shared = SharedFile.of(one, cache);
        assertEquals(shared, SharedFile.of(same, cache));
        assertNotEquals(shared, SharedFile.of(other, cache));
        assertEquals("weights", Files.readString(shared));
        try (var files = Files.list(cache)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void a_copy_that_was_cut_is_made_anew() throws IOException {
        Path cache = cache();
        Path one = Files.writeString(folder.resolve("one.gguf"), "weights");
        Path shared = SharedFile.of(one, cache);
        Files.writeString(shared, "wei");
        assertEquals("weights", Files.readString(SharedFile.of(one, cache)));
    }

    @Test
    void a_folder_in_which_others_may_write_is_refused() throws IOException {
        Path cache = cache();
        Path one = Files.writeString(folder.resolve("one.gguf"), "weights");
        for (String rights : List.of("rwxrwx---", "rwx----w-")) {
            Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString(rights));
            assertThrows(IOException.class, () -> SharedFile.of(one, cache));
        }
    }
}
