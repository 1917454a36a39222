package dev.demur.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.stream.JsonReader;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.policy.Reading;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that write one score file. */
@Timeout(1800)
class ScoreLockTest {

    private static final String WRITES = "writes";

    @TempDir
    private Path folder;

    /** Opens a score file, says so, and keeps it open until its input ends. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] args) throws IOException {
            try (ScoreWriter writer = ScoreWriter.open(Path.of(args[0]), TwoCategories.META)) {
                System.out.println(WRITES + " " + writer.resumed());
                while (System.in.read() >= 0) {
                    continue; // until the test ends it
                }
            } catch (ScoreFileException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private static Process start(Path file) throws IOException {
        String classPath = Stream.of(ScoreWriter.class, ScoreLockTest.class, JsonReader.class, NullMarked.class)
                .map(ScoreLockTest::place)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        List.of(java, "-XX:TieredStopAtLevel=1", "-cp", classPath, Writer.class.getName(), file + ""))
                .redirectErrorStream(true)
                .start();
    }

    private static String place(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private Path begun() throws IOException {
        Path file = folder.resolve("s.jsonl");
        try (ScoreWriter writer = ScoreWriter.open(file, TwoCategories.META)) {
            LabelledPrompt prompt = new LabelledPrompt(1, "1", null, false, "prompt");
            assertTrue(writer.lacks(prompt));
            writer.write(
                    prompt,
                    Reading.ofProbabilities(
                            TwoCategories.LABELS, 1, new double[] {0.1, 0.2, 0.5}, TwoCategories.RESPOND));
        }
        return file;
    }

    @Test
    void the_second_process_is_refused_in_the_promised_words_for_as_long_as_the_first_writes() throws Exception {
        Path file = begun();
        Process first = start(file);
        try (BufferedReader lines = output(first)) {
            assertEquals(WRITES + " 1", lines.readLine());
            String inUse = file + ": is being written by another run: wait for it, or name another file";
            for (int i = 0; i < 2; i++) {
                Process second = start(file);
                try (BufferedReader words = output(second)) {
                    assertEquals(inUse, words.readLine());
                }
                ScoreFileException e =
                        assertThrows(ScoreFileException.class, () -> ScoreWriter.open(file, TwoCategories.META));
                assertEquals(inUse, e.getMessage());
            }
        } finally {
            first.destroyForcibly().waitFor();
        }
        try (ScoreWriter writer = ScoreWriter.open(file, TwoCategories.META)) {
            assertEquals(1, writer.resumed());
        }
    }

    @Test
    void a_refused_second_run_in_the_same_process_leaves_the_lock_to_the_first() throws Exception {
        Path file = begun();
        Path link = Files.createLink(folder.resolve("link.jsonl"), file);
        Files.copy(ScoreMeta.beside(file), ScoreMeta.beside(link));
        try (ScoreWriter writer = ScoreWriter.open(file, TwoCategories.META)) {
            assertEquals(1, writer.resumed());
            for (Path name : List.of(file, folder.resolve(".").resolve("s.jsonl"), link)) {
                assertThrows(ScoreFileException.class, () -> ScoreWriter.open(name, TwoCategories.META));
            }
            Process second = start(file);
            try (BufferedReader words = output(second)) {
                assertTrue(words.readLine().contains("is being written by another run"));
            }
        }
    }

    @Test
    void a_run_without_a_row_leaves_nothing_behind_and_takes_nothing_away() throws IOException {
        Path file = folder.resolve("s.jsonl");
        ScoreWriter.open(file, TwoCategories.META).close();
        assertFalse(Files.exists(file));
        assertFalse(Files.exists(ScoreMeta.beside(file)));
        Files.createFile(file);
        ScoreWriter.open(file, TwoCategories.META).close();
        assertTrue(Files.exists(file));
        assertFalse(Files.exists(ScoreMeta.beside(file)));
        Path begun = begun();
        ScoreWriter.open(begun, TwoCategories.META).close();
        assertTrue(Files.size(begun) > 0);
        assertTrue(Files.exists(ScoreMeta.beside(begun)));
    }

    @Test
    void what_is_no_file_is_refused_and_left_as_it_is() throws IOException {
        Path nowhere = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("none"));
        for (Path wrong : List.of(folder, nowhere)) {
            assertThrows(ScoreFileException.class, () -> ScoreWriter.open(wrong, TwoCategories.META));
            assertFalse(Files.exists(ScoreMeta.beside(wrong)));
        }
    }
}
