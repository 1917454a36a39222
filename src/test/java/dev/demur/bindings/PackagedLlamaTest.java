package dev.demur.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.NativeLoadException;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackagedLlamaTest {

    private static final Platform LINUX = Platform.of("Linux", "amd64");
    private static final String FOLDER = "dev/demur/llama/linux/x86_64/";
    private static final String HEAD =
            "format 1\norigin a-package 1.2\nversion v9\nlibrary libllama.v9.so\ncpu avx2 fma\n";

    @TempDir
    Path temporary;

    private static String line(String name) {
        CRC32 crc = new CRC32();
        byte[] bytes = content(name).getBytes(StandardCharsets.UTF_8);
        crc.update(bytes);
        return "file " + Long.toHexString(crc.getValue()) + " " + bytes.length + " " + name + "\n";
    }

    private static String content(String name) {
        return "stands for " + name;
    }

    private URLClassLoader loader(String index) throws IOException {
        return new URLClassLoader(new URL[] {jar("demur-llama.jar", index, "")}, null);
    }

    /** A jar with two libraries and this index. */
    private URL jar(String name, String index, String end) throws IOException {
        Path jar = temporary.resolve(name);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            put(out, "index", index);
            put(out, "libllama.v9.so", content("libllama.v9.so") + end);
            put(out, "libggml-cpu-armv8.0_1.so", content("libggml-cpu-armv8.0_1.so") + end);
        }
        return jar.toUri().toURL();
    }

    private static void put(JarOutputStream out, String name, String text) throws IOException {
        out.putNextEntry(new JarEntry(FOLDER + name));
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String index() {
        return HEAD + line("libllama.v9.so") + line("libggml-cpu-armv8.0_1.so");
    }

    @Test
    void its_files_are_extracted_together_and_each_is_checked() throws IOException {
        try (URLClassLoader loader = loader(index())) {
            PackagedLlama llama = PackagedLlama.find(LINUX, loader);
            assertNotNull(llama);
            assertEquals("a-package 1.2, llama.cpp v9", llama.origin());
            assertEquals(0b11, llama.cpuFeatures());
            NativeCache cache = NativeCache.at(temporary.resolve("cache"));
            Path folder = cache.extract(llama);
            Path backend = folder.resolve("libggml-cpu-armv8.0_1.so");
            assertEquals(content("libllama.v9.so"), Files.readString(folder.resolve(llama.library())));
            assertEquals(content("libggml-cpu-armv8.0_1.so"), Files.readString(backend));
            Files.writeString(backend, content("libggml-cpu-armv8.0_1.so").replace('s', 'z'));
            assertEquals(folder, cache.extract(llama));
            assertEquals(content("libggml-cpu-armv8.0_1.so"), Files.readString(backend));
            try (Stream<Path> files = Files.list(folder)) {
                assertEquals(2, files.count());
            }
        }
    }

    @Test
    void another_index_has_another_folder() throws IOException {
        NativeCache cache = NativeCache.at(temporary.resolve("cache"));
        Path first;
        try (URLClassLoader loader = loader(index())) {
            first = cache.extract(PackagedLlama.find(LINUX, loader));
        }
        try (URLClassLoader loader = loader(index().replace("version v9", "version v10"))) {
            assertTrue(!first.equals(cache.extract(PackagedLlama.find(LINUX, loader))));
        }
    }

    /** As where a build asks for two versions of the artifact. */
    @Test
    void files_are_those_beside_the_index_and_not_those_of_another_jar() throws IOException {
        URL libraries = jar("other.jar", "format 1\n", " of another version");
        URL first = jar("first.jar", index(), "");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {first, libraries}, null)) {
            Path folder = NativeCache.at(temporary.resolve("cache")).extract(PackagedLlama.find(LINUX, loader));
            assertEquals(content("libllama.v9.so"), Files.readString(folder.resolve("libllama.v9.so")));
        }
        try (URLClassLoader loader = new URLClassLoader(new URL[] {libraries, first}, null)) {
            assertThrows(NativeLoadException.class, () -> PackagedLlama.find(LINUX, loader));
        }
    }

    @Test
    void another_platform_has_none() throws IOException {
        try (URLClassLoader loader = loader(index())) {
            assertNull(PackagedLlama.find(Platform.of("Linux", "aarch64"), loader));
            assertNull(PackagedLlama.find(Platform.of("Windows 11", "amd64"), loader));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "format 1, format 2, format is 2",
        "library libllama.v9.so, library libother.so, libother.so",
        "libggml-cpu-armv8.0_1.so, libggml-none.so, libggml-none.so",
        "libggml-cpu-armv8.0_1.so, ../../../index, ../../../index",
        "cpu avx2, cpu avx3, avx3",
        "file , file x, file x",
    })
    void a_damaged_index_is_named_with_what_is_wrong(String from, String to, String part) throws IOException {
        try (URLClassLoader loader = loader(index().replace(from, to))) {
            String message = assertThrows(NativeLoadException.class, () -> PackagedLlama.find(LINUX, loader))
                    .getMessage();
            assertTrue(message.contains(part) && message.contains("demur-llama"), message);
        }
    }

    @Test
    void a_file_whose_bytes_are_not_those_of_the_index_is_not_used() throws IOException {
        String wrong = line("libllama.v9.so").replaceFirst("file [0-9a-f]+", "file 12345678");
        try (URLClassLoader loader = loader(HEAD + wrong)) {
            PackagedLlama llama = PackagedLlama.find(LINUX, loader);
            NativeCache cache = NativeCache.at(temporary.resolve("cache"));
            String message = assertThrows(NativeLoadException.class, () -> cache.extract(llama))
                    .getMessage();
            assertTrue(message.contains("damaged"), message);
        }
    }
}
