package dev.demur.scoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.dataset.BadRowException;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptHash;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.Reading;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.Rule;
import dev.demur.readout.DecisionTokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreWriterTest {

    private static final ScoreMeta META = TwoCategories.META;
    private static final Reading READING =
            Reading.ofProbabilities(TwoCategories.LABELS, 1, new double[] {0.1, 1 / 3.0, 0.5}, TwoCategories.RESPOND);

    /** That as JSON of version 1, which had token ids for the labels. */
    private static final String META_1 =
            "{\"version\":1,\"fingerprint\":\"model-1\",\"template\":\"chatml\",\"system\":null,\"temperature\":1.0,"
                    + "\"respond\":\"[respond]\",\"respondToken\":12,\"categories\":[{\"id\":\"a\",\"token\":\"[a]\","
                    + "\"name\":\"Kind A\",\"tokenId\":10},{\"id\":\"b\",\"token\":\"[b]\",\"name\":\"Kind B\","
                    + "\"tokenId\":11}],\"dataHash\":\"data-1\",\"llama\":\"old\",\"device\":\"CPU\"}";

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("s.jsonl");
    }

    private static LabelledPrompt prompt(int i) {
        return new LabelledPrompt(i, "row \u00e4 " + i, i % 2 == 0 ? "a" : null, i % 3 == 0, "prompt " + i);
    }

    /** The file that results from writing what is lacking of the rows from 0 on. */
    private byte[] write(int rows) throws IOException {
        try (ScoreWriter writer = ScoreWriter.open(file(), META)) {
            for (int i = 0; i < rows; i++) {
                if (writer.lacks(prompt(i))) {
                    writer.write(prompt(i), READING);
                }
            }
        }
        return Files.readAllBytes(file());
    }

    @Test
    void what_is_written_is_a_score_file_with_its_meta_file() throws IOException {
        write(5);
        ScoredPrompts read = ScoreFile.read(file(), null, warning -> {
            throw new AssertionError(warning);
        });
        assertEquals(5, read.size());
        assertEquals("row \u00e4 3", read.id(3));
        assertEquals(1 / 3.0, read.probability(3, 1));
        assertEquals(META, read.meta().orElseThrow());
    }

    @Test
    void a_file_that_was_cut_anywhere_is_completed_to_the_same_bytes() throws IOException {
        byte[] whole = write(4);
        for (int cut = 0; cut <= whole.length; cut++) {
            Files.write(file(), Arrays.copyOf(whole, cut));
            assertEquals(
                    new String(whole, StandardCharsets.UTF_8),
                    new String(write(4), StandardCharsets.UTF_8),
                    "cut after " + cut + " bytes");
        }
    }

    @Test
    void another_thread_may_close_it_and_without_a_row_nothing_stays() {
        ScoreWriter writer = ScoreWriter.open(file(), META);
        assertTrue(writer.lacks(prompt(0)));
        writer.closeIfEmpty(); // as the process ends
        assertFalse(Files.exists(file()));
        assertFalse(Files.exists(ScoreMeta.beside(file())));
        ScoreFileException e = assertThrows(ScoreFileException.class, () -> writer.write(prompt(0), READING));
        assertTrue(e.getMessage().endsWith("scoring was ended"), e.getMessage());
        writer.close();
        assertFalse(Files.exists(file()));
        try (ScoreWriter other = ScoreWriter.open(file(), META)) {
            assertTrue(other.lacks(prompt(0)));
            other.write(prompt(0), READING);
            other.closeIfEmpty();
            assertTrue(other.lacks(prompt(1)));
            other.write(prompt(1), READING);
        }
    }

    @Test
    void rows_that_are_there_are_skipped_in_any_order() throws IOException {
        write(4);
        try (ScoreWriter writer = ScoreWriter.open(file(), META)) {
            assertEquals(4, writer.resumed());
            assertFalse(writer.lacks(prompt(2)));
            assertTrue(writer.lacks(prompt(5)));
            assertFalse(writer.lacks(prompt(0)));
        }
    }

    @Test
    void an_id_that_the_data_have_twice_is_a_bad_row() {
        try (ScoreWriter writer = ScoreWriter.open(file(), META)) {
            writer.lacks(prompt(1));
            LabelledPrompt again = new LabelledPrompt(9, prompt(1).id(), null, false, "another");
            BadRowException e = assertThrows(BadRowException.class, () -> writer.lacks(again));
            assertEquals(9, e.line());
            assertEquals("id \"row \u00e4 1\" is there already: ids must differ", e.getMessage());
        }
    }

    private record Change(ScoreMeta meta, String words) {}

    static List<Change> changes() {
        return List.of(
                new Change(
                        new ScoreMeta(
                                "other",
                                "chatml",
                                null,
                                1,
                                TwoCategories.LABELS,
                                TwoCategories.TOKENS.identity(),
                                "data-1",
                                META.engine(),
                                null,
                                null),
                        "the model is another one"),
                new Change(
                        new ScoreMeta(
                                "model-1",
                                "chatml",
                                null,
                                1,
                                TwoCategories.LABELS,
                                TwoCategories.TOKENS.identity(),
                                "data-2",
                                META.engine(),
                                null,
                                null),
                        "the data have changed"),
                new Change(
                        new ScoreMeta(
                                "model-1",
                                "chatml",
                                null,
                                2,
                                TwoCategories.LABELS,
                                TwoCategories.TOKENS.identity(),
                                "data-1",
                                META.engine(),
                                null,
                                null),
                        "the temperature was 1.0 and is 2.0"),
                new Change(
                        new ScoreMeta(
                                "model-1",
                                "gemma",
                                null,
                                1,
                                TwoCategories.LABELS,
                                TwoCategories.TOKENS.identity(),
                                "data-1",
                                META.engine(),
                                null,
                                null),
                        "the chat template is another one"),
                new Change(
                        new ScoreMeta(
                                "model-1",
                                "chatml",
                                "Be brief.",
                                1,
                                TwoCategories.LABELS,
                                TwoCategories.TOKENS.identity(),
                                "data-1",
                                META.engine(),
                                null,
                                null),
                        "the system message is another one"),
                new Change(
                        new ScoreMeta(
                                "model-1",
                                "chatml",
                                null,
                                1,
                                PaperTokens.CATEGORIES.labels(),
                                PaperTokens.CATEGORIES.identity(),
                                "data-1",
                                META.engine(),
                                null,
                                null),
                        "the readout is another one"),
                new Change(
                        new ScoreMeta(
                                "model-1",
                                "chatml",
                                null,
                                1,
                                TwoCategories.LABELS,
                                new DecisionTokens(
                                                TwoCategories.LABELS, TwoCategories.TOKENS.texts(), List.of(11, 10, 12))
                                        .identity(),
                                "data-1",
                                META.engine(),
                                null,
                                null),
                        "the readout is another one"),
                new Change(
                        new ScoreMeta(
                                "model-1",
                                "chatml",
                                null,
                                1,
                                TwoCategories.LABELS,
                                new ReadoutIdentity(
                                        "head", TwoCategories.TOKENS.identity().checksum(), Map.of()),
                                "data-1",
                                META.engine(),
                                null,
                                null),
                        "the readout is another one"),
                new Change(
                        new ScoreMeta(
                                "model-1",
                                "chatml",
                                null,
                                1,
                                TwoCategories.LABELS,
                                TwoCategories.TOKENS.identity(),
                                "data-1",
                                new InferenceBackend("new 0.5.0", "CPU"),
                                null,
                                null),
                        "llama.cpp or the device is another one"));
    }

    @Test
    void scores_begun_by_another_renderer_of_the_chat_template_are_left_alone() throws IOException {
        for (String now : new String[] {"jinja", null}) {
            Files.deleteIfExists(file());
            renderedBy("llama.cpp").write(ScoreMeta.beside(file()));
            ScoreFileException e =
                    assertThrows(ScoreFileException.class, () -> ScoreWriter.open(file(), renderedBy(now)));
            String said = "because the chat template was rendered by llama.cpp and is by "
                    + (now == null ? "nothing" : now) + ": give";
            assertTrue(String.valueOf(e.getMessage()).contains(said), e.getMessage());
        }
        ScoreWriter.open(file(), renderedBy("llama.cpp")).close();
        Files.deleteIfExists(file());
        renderedBy(null).write(ScoreMeta.beside(file())); // as an older release wrote it
        ScoreWriter.open(file(), renderedBy("jinja")).close();
    }

    /** As where the process is told to end while scoring begins. */
    @Test
    void an_interrupt_neither_keeps_a_file_from_being_opened_nor_leaves_one_behind() throws IOException {
        Thread.currentThread().interrupt();
        try {
            ScoreWriter.open(file(), META).close();
        } finally {
            assertTrue(Thread.interrupted(), "the flag stays set");
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(), files.toList());
        }
        byte[] before = write(3);
        Thread.currentThread().interrupt();
        try (ScoreWriter writer = ScoreWriter.open(file(), META)) {
            assertEquals(3, writer.resumed());
        } finally {
            assertTrue(Thread.interrupted());
        }
        assertArrayEquals(before, Files.readAllBytes(file()));
    }

    private static ScoreMeta renderedBy(@Nullable String renderer) {
        return new ScoreMeta(
                "model-1",
                "chatml",
                null,
                1,
                TwoCategories.LABELS,
                TwoCategories.TOKENS.identity(),
                "data-1",
                META.engine(),
                null,
                renderer);
    }

    @ParameterizedTest
    @MethodSource("changes")
    void scores_begun_with_something_else_are_left_alone_with_what_changed(Change change) throws IOException {
        byte[] before = write(3);
        ScoreFileException e = assertThrows(ScoreFileException.class, () -> ScoreWriter.open(file(), change.meta()));
        assertTrue(String.valueOf(e.getMessage()).contains("because " + change.words() + ": "), e.getMessage());
        assertEquals(META, ScoreMeta.read(ScoreMeta.beside(file())));
        assertEquals(new String(before, StandardCharsets.UTF_8), Files.readString(file()));
    }

    /** The rows from 0 on as an older release wrote them, with the id of the likeliest token. */
    private String linesOfVersion1(int rows) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < rows; i++) {
            LabelledPrompt row = prompt(i);
            String line = ScoreFile.line(row.id(), row.category(), row.shouldRefuse(), READING);
            assertTrue(line.endsWith(",\"choice\":\"respond\"}"), line);
            lines.append(line.replace("\"choice\":\"respond\"", "\"argmax\":" + (i % 2 == 0 ? 12 : 3)))
                    .append('\n');
        }
        return lines.toString();
    }

    @Test
    void scores_of_version_1_are_taken_up_by_lines_of_version_2_and_both_are_read() throws IOException {
        Files.writeString(ScoreMeta.beside(file()), META_1);
        String begun = linesOfVersion1(3);
        Files.writeString(file(), begun + "{\"id\":\"row");
        String whole = new String(write(5), StandardCharsets.UTF_8);
        assertTrue(whole.startsWith(begun), whole);
        String[] more = whole.substring(begun.length()).split("\n");
        assertEquals(2, more.length, whole);
        for (int i = 0; i < more.length; i++) {
            LabelledPrompt row = prompt(3 + i);
            String hash = PromptHash.of(row.text());
            assertEquals(ScoreFile.line(row.id(), row.category(), row.shouldRefuse(), READING, hash), more[i]);
        }
        assertEquals(META_1, Files.readString(ScoreMeta.beside(file())));
        ScoredPrompts read = ScoreFile.read(file(), null, warning -> {
            throw new AssertionError(warning);
        });
        assertEquals(5, read.size());
        assertEquals(META, read.meta().orElseThrow());
        Decisions ownChoices = read.decide(
                TwoCategories.defaults(Rule.TOP_CATEGORY).withoutThreshold("a").withoutThreshold("b"));
        int[] expected = {
            TwoCategories.RESPOND,
            TwoCategories.NO_LABEL,
            TwoCategories.RESPOND,
            TwoCategories.RESPOND,
            TwoCategories.RESPOND
        };
        for (int row = 0; row < expected.length; row++) {
            assertEquals(expected[row], ownChoices.chosen(row), "row " + row);
        }
    }

    @ParameterizedTest
    @MethodSource("changes")
    void scores_of_version_1_that_were_begun_with_something_else_are_left_alone_too(Change change) throws IOException {
        Files.writeString(ScoreMeta.beside(file()), META_1);
        String before = linesOfVersion1(3);
        Files.writeString(file(), before);
        ScoreFileException e = assertThrows(ScoreFileException.class, () -> ScoreWriter.open(file(), change.meta()));
        assertTrue(String.valueOf(e.getMessage()).contains("because " + change.words() + ": "), e.getMessage());
        assertEquals(META_1, Files.readString(ScoreMeta.beside(file())));
        assertEquals(before, Files.readString(file()));
    }

    @Test
    void a_file_without_a_meta_file_is_left_alone_unless_it_is_empty() throws IOException {
        Files.createFile(file());
        write(1);
        Files.delete(ScoreMeta.beside(file()));
        ScoreFileException e = assertThrows(ScoreFileException.class, () -> ScoreWriter.open(file(), META));
        assertTrue(String.valueOf(e.getMessage()).contains("without s.jsonl.meta.json"), e.getMessage());
        assertFalse(Files.exists(ScoreMeta.beside(file())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "{\"id\":1.5,\"id\"", "{\"id\":\"row \u00e4 0\"}", "nonsense"})
    void a_whole_line_that_is_no_score_is_an_error_that_names_it(String line) throws IOException {
        write(2);
        Files.writeString(file(), Files.readString(file()) + line + "\n");
        ScoreFileException e = assertThrows(ScoreFileException.class, () -> ScoreWriter.open(file(), META));
        assertTrue(String.valueOf(e.getMessage()).startsWith(file() + ":3: "), e.getMessage());
    }

    @Test
    void two_runs_cannot_write_the_same_file() {
        try (ScoreWriter first = ScoreWriter.open(file(), META)) {
            assertEquals(0, first.resumed());
            ScoreFileException e = assertThrows(ScoreFileException.class, () -> ScoreWriter.open(file(), META));
            assertTrue(String.valueOf(e.getMessage()).contains("another run"), e.getMessage());
        }
    }

    @Test
    void a_folder_that_is_not_there_is_an_error_that_names_it() {
        Path missing = folder.resolve("none").resolve("s.jsonl");
        ScoreFileException e = assertThrows(ScoreFileException.class, () -> ScoreWriter.open(missing, META));
        assertTrue(String.valueOf(e.getMessage()).startsWith(missing + ": "), e.getMessage());
    }
}
