package dev.demur.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.policy.Readout;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoreFileTest {

    private static final String LINE = "{\"id\":\"r1\",\"category\":\"a\",\"expected\":\"refuse\",\"probabilities\":"
            + "{\"a\":0.5,\"b\":0.25,\"respond\":0.125},\"coverage\":0.875,\"argmax\":10}";

    @TempDir
    private Path folder;

    private Path file;
    private final List<String> warnings = new ArrayList<>();

    @BeforeEach
    void name_the_file() {
        file = folder.resolve("s.jsonl");
    }

    private ScoredPrompts read(String content) throws IOException {
        TwoCategories.META.write(ScoreMeta.beside(file));
        Files.writeString(file, content);
        return ScoreFile.read(file, null, warnings::add);
    }

    private void requireError(String message, String content) {
        ScoreFileException e = assertThrows(ScoreFileException.class, () -> read(content));
        assertEquals(message, String.valueOf(e.getMessage()).replace(folder + "/", ""));
    }

    @Test
    void a_line_tells_all_about_a_prompt() throws IOException {
        ScoredPrompts prompts = read(LINE + "\n");
        assertEquals(1, prompts.size());
        assertEquals("r1", prompts.id(0));
        assertEquals(Optional.of("a"), prompts.label(0));
        assertTrue(prompts.shouldRefuse(0));
        assertEquals(0.5, prompts.probability(0, 0));
        assertEquals(0.25, prompts.probability(0, 1));
        assertEquals(0.125, prompts.probability(0, 2));
        assertEquals(TwoCategories.META, prompts.meta().orElseThrow());
        assertEquals(List.of(), warnings);
    }

    @Test
    void the_hash_is_that_of_the_files_bytes() throws IOException {
        // printf '%s\n' LINE | sha256sum
        assertEquals(
                "2d3881e5968d89093fc127346adbea8bb83d3babc163ea6fe7843287c1442325",
                read(LINE + "\n").scoresHash());
    }

    @Test
    void lines_that_are_written_read_back_as_the_same_doubles() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        StringBuilder content = new StringBuilder();
        List<Readout> readouts = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            double respond = random.nextDouble();
            double a = (1 - respond) * random.nextDouble();
            double b = Math.exp(-800 * random.nextDouble()) * (1 - respond - a);
            Readout readout =
                    Readout.ofProbabilities(TwoCategories.TOKENS, 1, new double[] {a, b, respond}, random.nextInt(100));
            readouts.add(readout);
            content.append(ScoreFile.line("id \"" + i + "\"", i % 3 == 0 ? null : "x\t", i % 2 == 0, readout))
                    .append('\n');
        }
        ScoredPrompts prompts = read(content.toString());
        for (int i = 0; i < readouts.size(); i++) {
            String context = "seed " + seed + ", row " + i;
            assertEquals("id \"" + i + "\"", prompts.id(i), context);
            assertEquals(i % 3 == 0 ? Optional.empty() : Optional.of("x\t"), prompts.label(i), context);
            assertEquals(i % 2 == 0, prompts.shouldRefuse(i), context);
            for (int c = 0; c < 3; c++) {
                assertEquals(readouts.get(i).probability(c), prompts.probability(i, c), context);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"id\":\"r1\"|\"id\":7|id: must be a string, not a number",
                "\"id\":\"r1\",||id: is missing",
                "\"id\":\"r1\"|\"id\":\"r1\",\"id\":\"r2\"|id: is there twice",
                "\"category\":\"a\"|\"category\":null|category: must be a string, not null",
                "\"category\":\"a\"|\"category\":\" \"|category: is blank; a row without a category has \"none\"",
                "\"refuse\"|\"maybe\"|expected: \"maybe\" is neither \"refuse\" nor \"respond\"",
                "\"a\":0.5|\"a\":1.5|probabilities.a: 1.5 is not in [0, 1]",
                "\"a\":0.5|\"a\":-0.5|probabilities.a: -0.5 is not in [0, 1]",
                "\"a\":0.5|\"a\":\"0.5\"|probabilities.a: must be a number, not a string",
                "\"a\":0.5|\"a\":1e999|probabilities.a: is too large a number",
                "\"a\":0.5|\"a\":NaN|is not JSON, in or after probabilities.a",
                "\"a\":0.5,||probabilities.a: is missing",
                "\"a\":0.5|\"a\":0.5,\"c\":0|probabilities.c: is not a known field; known are a, b, respond",
                "0.875|0.8|coverage: 0.8 is not the sum of the probabilities, which is 0.875",
                "\"coverage\":0.875,||coverage: is missing",
                "\"argmax\":10|\"argmax\":-1|argmax: -1.0 is not a whole number from 0 to 2147483647",
                "\"argmax\":10|\"argmax\":1.5|argmax: 1.5 is not a whole number from 0 to 2147483647",
                "\"argmax\":10|\"argmax\":10,\"x\":1|x: is not a known field; known are id, category, expected,"
                        + " probabilities, coverage, argmax",
                "\"argmax\":10}|\"argmax\":10|ends in the middle of the JSON",
                "\"argmax\":10}|\"argmax\":10}}|is not JSON"
            })
    void a_mistake_is_an_error_that_names_line_and_field(String right, @Nullable String wrong, String problem) {
        String broken = LINE.replace("r1", "r0") + "\n" + LINE.replace(right, wrong == null ? "" : wrong) + "\n";
        requireError("s.jsonl:2: " + problem, broken);
    }

    @Test
    void other_damage_is_an_error_that_names_the_file() throws IOException {
        requireError("s.jsonl: has no rows", "");
        requireError("s.jsonl:2: ends in the middle of the JSON", LINE + "\n\n");
        requireError("s.jsonl:1: must be an object, not an array", "[]");
        requireError("s.jsonl:2: id: \"r1\" is already there", LINE + "\n" + LINE);
        Files.write(file, "{\"id\":\"ä\"}".getBytes(StandardCharsets.ISO_8859_1));
        ScoreFileException e = assertThrows(ScoreFileException.class, () -> ScoreFile.read(file, null, warnings::add));
        assertEquals(file + ": is not UTF-8 text", e.getMessage());
        Files.delete(file);
        e = assertThrows(ScoreFileException.class, () -> ScoreFile.read(file, null, warnings::add));
        assertEquals(file + ": there is no such score file", e.getMessage());
        e = assertThrows(ScoreFileException.class, () -> ScoreFile.read(folder, null, warnings::add));
        assertTrue(String.valueOf(e.getMessage()).startsWith(folder.toString()), e.getMessage());
    }

    @Test
    void without_a_meta_file_there_is_one_warning_and_the_policy_tells_the_tokens() throws IOException {
        Files.writeString(file, LINE);
        RefusalPolicy policy = RefusalPolicy.defaults(TwoCategories.TOKENS, Rule.THRESHOLD);
        ScoredPrompts prompts = ScoreFile.read(file, policy, warnings::add);
        assertEquals(1, warnings.size());
        assertTrue(warnings.get(0).contains("s.jsonl.meta.json is missing"), warnings.get(0));
        assertEquals(Optional.empty(), prompts.meta());
        assertEquals(1, prompts.temperature());
        assertTrue(prompts.decide(policy).refused(0));
        String note = String.valueOf(Calibrator.calibrate(
                        prompts,
                        CalibrationRequest.of(Rule.THRESHOLD, new Objective.MaxF1(false))
                                .from(policy))
                .policy()
                .calibration());
        assertTrue(
                note.startsWith("{\"fingerprint\":\"\",\"template\":null,\"system\":null,\"controlTokens\":null,"),
                note);
    }

    @Test
    void without_a_meta_file_nothing_can_be_left_to_the_models_argmax() throws IOException {
        Files.writeString(file, LINE);
        RefusalPolicy policy = RefusalPolicy.defaults(TwoCategories.TOKENS, Rule.TOP_CATEGORY);
        ScoredPrompts prompts = ScoreFile.read(file, policy, warnings::add);
        assertTrue(prompts.decide(policy).refused(0));
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> prompts.requireFits(policy.withoutThreshold("b"), "p.json"));
        assertTrue(
                String.valueOf(e.getMessage())
                        .startsWith("p.json: rule: top-category leaves a category without a threshold"),
                e.getMessage());
    }

    @Test
    void without_a_meta_file_and_a_policy_the_error_says_what_to_do() throws IOException {
        Files.writeString(file, LINE);
        ScoreFileException e = assertThrows(ScoreFileException.class, () -> ScoreFile.read(file, null, warnings::add));
        assertEquals(
                file
                        + ".meta.json is missing, and with it the categories' tokens; name them with --policy FILE, or score"
                        + " the prompts again: demur score --data FILE --out FILE",
                e.getMessage());
    }
}
