package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.llama.LlamaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LlamaLibraryTest {

    @TempDir
    Path folder;

    @Test
    void a_file_is_taken_as_it_is() throws IOException {
        Path file = Files.createFile(folder.resolve("my-llama.so"));
        assertEquals(file, LlamaLibrary.find(file).file());
    }

    @Test
    void in_a_folder_the_plain_name_comes_first() throws IOException {
        Files.createFile(folder.resolve("libllama.so.0"));
        Path plain = Files.createFile(folder.resolve("libllama.so"));
        Files.createFile(folder.resolve("libllama-common.so"));
        Files.createFile(folder.resolve("libggml.so"));
        assertEquals(plain, LlamaLibrary.find(folder).file());
    }

    @Test
    void a_name_with_a_version_in_it_is_found() throws IOException {
        Path file = Files.createFile(folder.resolve("libllama.v0.5.0.so"));
        assertEquals(file, LlamaLibrary.find(folder).file());
    }

    @Test
    void a_folder_without_one_and_a_path_that_is_not_there_say_what_to_name() {
        for (Path path : new Path[] {folder, folder.resolve("none")}) {
            String message = assertThrows(LlamaException.class, () -> LlamaLibrary.find(path))
                    .getMessage();
            assertTrue(message.contains(path.toString()) && message.contains("libllama.so"), message);
        }
    }
}
