package dev.demur.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.NativeLoadException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCacheTest {

    private static final String RESOURCE = "dev/demur/bindings/sample.bin";
    private static final String CONTENT = "stands for a native library\n";

    @TempDir
    Path temporary;

    private Path extract(Path folder) {
        Path file = NativeCache.at(folder).extract(RESOURCE);
        assertNotNull(file);
        return file;
    }

    @Test
    void a_library_is_extracted_once_and_then_found() throws IOException {
        Path first = extract(temporary.resolve("cache"));
        assertEquals(CONTENT, Files.readString(first));
        FileTime written = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
        Files.setLastModifiedTime(first, written);
        assertEquals(first, extract(temporary.resolve("cache")));
        assertEquals(written, Files.getLastModifiedTime(first), "it was written again");
    }

    @Test
    void a_damaged_copy_is_replaced_even_where_its_size_is_right() throws IOException {
        Path file = extract(temporary.resolve("cache"));
        Files.writeString(file, CONTENT.replace('a', 'o'));
        extract(temporary.resolve("cache"));
        assertEquals(CONTENT, Files.readString(file));
    }

    @Test
    void a_resource_that_is_not_there_gives_null() {
        assertNull(NativeCache.at(temporary.resolve("cache")).extract("dev/demur/bindings/none.bin"));
    }

    @Test
    void the_folder_is_closed_to_others() throws IOException {
        Path folder = temporary.resolve("cache");
        Path file = extract(folder);
        for (Path closed : List.of(folder, file.getParent())) {
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(closed)));
        }
    }

    @Test
    void what_disappears_while_it_is_being_cleaned_fails_nothing() throws Exception {
        Path folder = temporary.resolve("cache");
        Path home = extract(folder).getParent();
        AtomicBoolean done = new AtomicBoolean();
        Thread other = new Thread(() -> {
            while (!done.get()) {
                try {
                    Files.deleteIfExists(Files.createTempFile(home, "sample.bin", ".part"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        other.start();
        try {
            for (int i = 0; i < 500; i++) {
                UnusedCopies.remove(folder, home);
            }
        } finally {
            done.set(true);
            other.join();
        }
    }

    @Test
    void a_folder_that_others_can_write_to_is_refused() throws IOException {
        Path folder = Files.createDirectory(temporary.resolve("open"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        String message = assertThrows(NativeLoadException.class, () -> NativeCache.at(folder))
                .getMessage();
        assertTrue(message.contains(folder.toString()) && message.contains("demur.native.dir"), message);
    }

    @Test
    void a_folder_that_cannot_be_made_names_the_property() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "");
        String message = assertThrows(NativeLoadException.class, () -> NativeCache.at(file.resolve("cache")))
                .getMessage();
        assertTrue(message.contains("demur.native.dir"), message);
    }

    @Test
    void what_a_killed_writer_left_is_removed_when_the_next_one_writes() throws IOException {
        Path folder = temporary.resolve("cache");
        Path file = extract(folder);
        Path old = Files.writeString(file.resolveSibling("sample.bin123.part"), "half");
        Path recent = Files.writeString(file.resolveSibling("sample.bin456.part"), "half");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        Files.delete(file);
        extract(folder);
        assertFalse(Files.exists(old));
        assertTrue(Files.exists(recent), "another process may still be writing it");
    }

    @Test
    void versions_that_have_gone_unused_are_removed_and_others_stay() throws IOException {
        Path folder = temporary.resolve("cache");
        NativeCache.at(folder);
        Path unused = Files.createDirectory(folder.resolve("0123abcd-77"));
        Files.writeString(unused.resolve("libdemur.so"), "old");
        Path used = Files.createDirectory(folder.resolve("0123abcd-78"));
        Path foreign = Files.createDirectory(folder.resolve("notes"));
        FileTime longAgo = FileTime.from(Instant.now().minus(Duration.ofDays(40)));
        Files.setLastModifiedTime(unused, longAgo);
        Files.setLastModifiedTime(foreign, longAgo);
        extract(folder);
        assertFalse(Files.exists(unused));
        assertTrue(Files.exists(used));
        assertTrue(Files.exists(foreign));
    }

    @Test
    void what_is_no_library_is_never_removed() throws IOException {
        Path folder = temporary.resolve("cache");
        NativeCache.at(folder);
        Path dated = Files.createDirectory(folder.resolve("20240229-120000"));
        Path letter = Files.writeString(dated.resolve("letter.txt"), "of the user's");
        Files.setLastModifiedTime(dated, FileTime.from(Instant.now().minus(Duration.ofDays(40))));
        extract(folder);
        assertTrue(Files.exists(letter));
    }

    @Test
    void a_link_that_leads_elsewhere_once_it_was_checked_changes_nothing() throws IOException {
        Path good = Files.createDirectory(temporary.resolve("good"));
        Files.setPosixFilePermissions(good, PosixFilePermissions.fromString("rwx------"));
        Path bad = Files.createDirectory(temporary.resolve("bad"));
        Path link = Files.createSymbolicLink(temporary.resolve("link"), good);
        NativeCache cache = NativeCache.at(link);
        Files.delete(link);
        Files.createSymbolicLink(link, bad);
        Path file = cache.extract(RESOURCE);
        assertNotNull(file);
        assertTrue(file.startsWith(good.toRealPath()), file::toString);
        try (Stream<Path> left = Files.list(bad)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void many_writers_at_once_leave_one_good_copy() throws Exception {
        Path folder = temporary.resolve("cache");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Path>> writers = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                writers.add(() -> extract(folder));
            }
            for (Future<Path> written : threads.invokeAll(writers)) {
                assertEquals(CONTENT, Files.readString(written.get()));
            }
        } finally {
            threads.shutdown();
        }
        try (Stream<Path> left = Files.walk(folder)) {
            assertEquals(1, left.filter(Files::isRegularFile).count());
        }
    }

    /** As on Windows, where a file that is loaded or looked at cannot be replaced. */
    @Test
    void many_writers_in_place_leave_one_good_copy_and_a_lock() throws Exception {
        Path folder = temporary.resolve("cache");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Path>> writers = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                writers.add(() -> NativeCache.at(folder, true).extract(RESOURCE));
            }
            for (Future<Path> written : threads.invokeAll(writers)) {
                assertEquals(CONTENT, Files.readString(written.get()));
            }
        } finally {
            threads.shutdown();
        }
        try (Stream<Path> left = Files.walk(folder)) {
            assertEquals(
                    List.of("sample.bin", "writing.lock"),
                    left.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString())
                            .sorted()
                            .toList());
        }
    }

    @Test
    void in_place_a_damaged_copy_is_written_again_and_a_good_one_is_not() throws IOException {
        NativeCache cache = NativeCache.at(temporary.resolve("cache"), true);
        Path file = cache.extract(RESOURCE);
        assertNotNull(file);
        Files.writeString(file, CONTENT.substring(3));
        assertEquals(file, cache.extract(RESOURCE));
        assertEquals(CONTENT, Files.readString(file));
        FileTime written = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
        Files.setLastModifiedTime(file, written);
        cache.extract(RESOURCE);
        assertEquals(written, Files.getLastModifiedTime(file), "it was written again");
    }
}
