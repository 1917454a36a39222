package dev.demur.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import dev.demur.policy.ReadoutIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreMetaTest {

    /** Of the first version, which knew control tokens alone. */
    private static final String JSON_1 =
            "{\"version\":1,\"fingerprint\":\"f\",\"template\":null,\"system\":\"s\",\"temperature\":0.1,"
                    + "\"respond\":\"[respond]\",\"respondToken\":12,\"categories\":[{\"id\":\"a\",\"token\":\"[a]\","
                    + "\"name\":\"A\",\"tokenId\":10}],\"dataHash\":\"d\"}";

    /** The same; the checksum is that of {@code printf 10,12 | sha256sum}. */
    private static final String JSON =
            "{\"version\":2,\"fingerprint\":\"f\",\"template\":null,\"system\":\"s\",\"temperature\":0.1,"
                    + "\"readout\":{\"kind\":\"tokens\",\"checksum\":\"38cc318141714ab1\",\"tokens\":{\"a\":\"[a]\","
                    + "\"respond\":\"[respond]\"}},\"categories\":[{\"id\":\"a\",\"name\":\"A\"}],\"dataHash\":\"d\"}";

    @Test
    void what_is_written_reads_back_equal(@TempDir Path folder) throws IOException {
        Path file = ScoreMeta.beside(folder.resolve("s.jsonl"));
        assertEquals("s.jsonl.meta.json", file.getFileName().toString());
        TwoCategories.META.write(file);
        TwoCategories.META.write(file);
        assertEquals(TwoCategories.META, ScoreMeta.read(file));
        ScoreMeta other = new ScoreMeta(
                "", null, null, 1 / 3.0, TwoCategories.LABELS, TwoCategories.TOKENS.identity(), "", null, null, null);
        assertEquals(other, ScoreMeta.parse(other.toJson(), "s"));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void a_readout_without_tokens_or_a_checksum_reads_back_equal() {
        for (ReadoutIdentity readout : List.of(
                new ReadoutIdentity("head", "c", Map.of()),
                new ReadoutIdentity("head", null, Map.of()),
                new ReadoutIdentity("tokens", null, Map.of("a", "[a]", "anything", "\ud83d\ude00")))) {
            ScoreMeta meta = new ScoreMeta("f", null, null, 1, TwoCategories.LABELS, readout, "d", null, null, null);
            assertEquals(meta, ScoreMeta.parse(meta.toJson(), "s"));
            assertEquals(readout, ScoreMeta.parse(meta.toJson(), "s").readout());
        }
    }

    @Test
    void what_is_written_is_version_2_with_its_fields_in_this_order() {
        assertEquals(
                JsonParser.parseString(JSON.replace("\"d\"}", "\"d\",\"llama\":null,\"device\":null}"))
                        .toString(),
                JsonParser.parseString(ScoreMeta.parse(JSON, "s").toJson()).toString());
    }

    @Test
    void a_file_of_the_first_version_says_what_one_of_the_second_does_and_has_the_ids_of_the_tokens_besides() {
        ScoreMetaFile first = ScoreMetaFile.parse(JSON_1, "s");
        ScoreMetaFile second = ScoreMetaFile.parse(JSON, "s");
        assertEquals(second.meta(), first.meta());
        assertEquals("tokens", first.meta().readout().kind());
        assertEquals(List.of(10, 12), first.tokenIds());
        assertEquals(List.of(), second.tokenIds());
        assertEquals(second.meta(), ScoreMeta.parse(first.meta().toJson(), "s"));
    }

    @ParameterizedTest
    @ValueSource(strings = {JSON, JSON_1})
    void what_computed_the_scores_may_be_missing(String json) {
        assertNull(ScoreMeta.parse(json, "s").engine());
        String known = json.substring(0, json.length() - 1) + ",\"llama\":\"new 0.5.0\",\"device\":\"CPU\"}";
        assertEquals(
                new InferenceBackend("new 0.5.0", "CPU"),
                ScoreMeta.parse(known, "s").engine());
        assertNull(ScoreMeta.parse(known.replace("\"CPU\"", "null"), "s").engine());
    }

    @Test
    void what_rendered_the_chat_template_is_kept_and_may_be_missing() {
        assertNull(ScoreMeta.parse(JSON, "s").renderer());
        String known = JSON.substring(0, JSON.length() - 1) + ",\"renderer\":\"jinja\"}";
        ScoreMeta meta = ScoreMeta.parse(known, "s");
        assertEquals("jinja", meta.renderer());
        assertEquals(meta, ScoreMeta.parse(meta.toJson(), "s"));
        ScoreMeta other = meta.withDataHash("other");
        assertEquals("jinja", other.renderer());
        assertEquals("other", other.dataHash());
        assertEquals(meta, other.withDataHash("d"));
        requireError(known, "\"jinja\"", "1", "renderer: must be a string or null, not a number");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"version\":1|\"version\":3|version: must be 1 or 2, which this release of Demur reads",
                "\"version\":1|\"version\":1,\"version\":1|line 1, column 14, in or after version: the name is there twice in its object",
                // Without its version it is read as the second one, which has no such field.
                "\"version\":1,||respond: is not a known field; known are version, fingerprint, template, system,"
                        + " temperature, readout, categories, dataHash, llama, device, weights, renderer",
                "\"respond\":\"[respond]\",||respond: is missing",
                "\"respondToken\":12|\"readout\":{}|readout: is not a known field; known are version, fingerprint,"
                        + " template, system, temperature, respond, respondToken, categories, dataHash, llama, device, weights, renderer",
                "\"f\"|null|fingerprint: must be a string, not null",
                "\"template\":null|\"template\":1|template: must be a string or null, not a number",
                "0.1|0|temperature: 0.0 is not a finite number above 0",
                "0.1|true|temperature: must be a number, not a boolean",
                "12|10|Two control tokens have the id 10",
                "12|1e10|respondToken: 1e10 is not a whole number from 0 to 2147483647",
                "\"id\":\"a\"|\"id\":\"none\"|categories[0].id: \"none\" is reserved and names no category",
                "\"name\":\"A\",||categories[0].name: is missing",
                "\"name\"|\"title\"|categories[0].title: is not a known field; known are id, token, name, tokenId",
                "[{\"id\":\"a\",\"token\":\"[a]\",\"name\":\"A\",\"tokenId\":10}]|{}|categories: must be an array, not an object",
                "\"d\"}|\"d\"|line 1, column 197, in or after dataHash: the text ends in the middle of the JSON"
            })
    void a_mistake_in_the_first_version_is_an_error_that_names_file_and_field(
            String right, @Nullable String wrong, String problem) {
        requireError(JSON_1, right, wrong, problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"version\":2|\"version\":3|version: must be 1 or 2, which this release of Demur reads",
                "\"version\":2|\"version\":\"2\"|version: must be a number, not a string",
                "\"version\":2,||version: is missing",
                "\"version\":2|\"version\":1|readout: is not a known field; known are version, fingerprint, template,"
                        + " system, temperature, respond, respondToken, categories, dataHash, llama, device, weights, renderer",
                "\"f\"|null|fingerprint: must be a string, not null",
                "\"template\":null|\"template\":1|template: must be a string or null, not a number",
                "0.1|0|temperature: 0.0 is not a finite number above 0",
                "0.1|true|temperature: must be a number, not a boolean",
                "\"readout\":{\"kind\"|\"readout\":{\"sort\"|readout.sort: is not a known field; known are kind,"
                        + " checksum, tokens",
                "\"kind\":\"tokens\",||readout.kind: is missing",
                "\"kind\":\"tokens\"|\"kind\":null|readout.kind: must be a string, not null",
                "\"checksum\":\"38cc318141714ab1\",||readout.checksum: is missing",
                "\"38cc318141714ab1\"|38|readout.checksum: must be a string or null, not a number",
                "\"a\":\"[a]\"|\"a\":10|readout.tokens.a: must be a string, not a number",
                "\"a\":\"[a]\"|\"a\":\"[a]\",\"a\":\"[b]\"|line 1, column 156, in or after readout.tokens.a: the name is there twice in its object",
                "\"tokens\":{\"a\":\"[a]\",\"respond\":\"[respond]\"}|\"tokens\":null|readout.tokens: must be an object,"
                        + " not null",
                "\"id\":\"a\"|\"id\":\"none\"|categories[0].id: \"none\" is reserved and names no category",
                ",\"name\":\"A\"||categories[0].name: is missing",
                "\"name\"|\"title\"|categories[0].title: is not a known field; known are id, name",
                "\"name\":\"A\"|\"name\":\"A\",\"token\":\"[a]\"|categories[0].token: is not a known field; known are id,"
                        + " name",
                "[{\"id\":\"a\",\"name\":\"A\"}]|{}|categories: must be an array, not an object",
                "{\"id\":\"a\",\"name\":\"A\"}||There must be at least one category",
                "\"d\"}|\"d\"|line 1, column 231, in or after dataHash: the text ends in the middle of the JSON"
            })
    void a_mistake_is_an_error_that_names_file_and_field(String right, @Nullable String wrong, String problem) {
        requireError(JSON, right, wrong, problem);
    }

    private static void requireError(String json, String right, @Nullable String wrong, String problem) {
        assertTrue(json.contains(right), right);
        ScoreFileException e = assertThrows(
                ScoreFileException.class,
                () -> ScoreMeta.parse(json.replace(right, wrong == null ? "" : wrong), "s.meta.json"));
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
