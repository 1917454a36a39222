package dev.demur.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoreMetaTest {

    private static final String JSON =
            "{\"version\":1,\"fingerprint\":\"f\",\"template\":null,\"system\":\"s\",\"temperature\":0.1,"
                    + "\"respond\":\"[respond]\",\"respondToken\":12,\"categories\":[{\"id\":\"a\",\"token\":\"[a]\","
                    + "\"name\":\"A\",\"tokenId\":10}],\"dataHash\":\"d\"}";

    @Test
    void what_is_written_reads_back_equal(@TempDir Path folder) throws IOException {
        Path file = ScoreMeta.beside(folder.resolve("s.jsonl"));
        assertEquals("s.jsonl.meta.json", file.getFileName().toString());
        TwoCategories.META.write(file);
        TwoCategories.META.write(file);
        assertEquals(TwoCategories.META, ScoreMeta.read(file));
        ScoreMeta other = new ScoreMeta("", null, null, 1 / 3.0, TwoCategories.TOKENS, "", null);
        assertEquals(other, ScoreMeta.parse(other.toJson(), "s"));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void what_computed_the_scores_may_be_missing() {
        assertNull(ScoreMeta.parse(JSON, "s").engine());
        String known = JSON.substring(0, JSON.length() - 1) + ",\"llama\":\"new 0.5.0\",\"device\":\"CPU\"}";
        assertEquals(new Engine("new 0.5.0", "CPU"), ScoreMeta.parse(known, "s").engine());
        assertNull(ScoreMeta.parse(known.replace("\"CPU\"", "null"), "s").engine());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"version\":1|\"version\":2|version: must be 1, the only one that this release of Demur reads",
                "\"version\":1,||version: is missing",
                "\"f\"|null|fingerprint: must be a string, not null",
                "\"template\":null|\"template\":1|template: must be a string or null, not a number",
                "0.1|0|temperature: 0.0 is not a finite number above 0",
                "0.1|true|temperature: must be a number, not a boolean",
                "12|10|Two control tokens have the id 10",
                "12|1e10|respondToken: 1.0E10 is not a whole number from 0 to 2147483647",
                "\"id\":\"a\"|\"id\":\"none\"|categories[0]: id: \"none\" is reserved and names no category",
                "\"name\":\"A\",||categories[0].name: is missing",
                "\"name\"|\"title\"|categories[0].title: is not a known field; known are id, token, name, tokenId",
                "[{|{|categories: must be an array, not an object",
                "\"d\"}|\"d\"|ends in the middle of the JSON"
            })
    void a_mistake_is_an_error_that_names_file_and_field(String right, @Nullable String wrong, String problem) {
        ScoreFileException e = assertThrows(
                ScoreFileException.class,
                () -> ScoreMeta.parse(JSON.replace(right, wrong == null ? "" : wrong), "s.meta.json"));
        assertEquals("s.meta.json: " + problem, e.getMessage());
    }

    @Test
    void a_file_that_cannot_be_read_is_an_error_that_names_it(@TempDir Path folder) {
        Path file = folder.resolve("missing.meta.json");
        ScoreFileException e = assertThrows(ScoreFileException.class, () -> ScoreMeta.read(file));
        assertTrue(
                String.valueOf(e.getMessage()).startsWith(file + ": the meta file cannot be read: "), e.getMessage());
    }
}
