package dev.demur.scoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import dev.demur.calibration.CalibrationRequest;
import dev.demur.calibration.Calibrator;
import dev.demur.calibration.Objective;
import dev.demur.policy.PolicyException;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Reading;
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
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ScoreFileTest {

    private static final String LINE = "{\"id\":\"r1\",\"category\":\"a\",\"expected\":\"refuse\",\"probabilities\":"
            + "{\"a\":0.5,\"b\":0.25,\"respond\":0.125},\"coverage\":0.875,\"choice\":\"a\"}";

    /** As an older release wrote it, with the id of the likeliest token. */
    private static final String LINE_1 = LINE.replace("\"choice\":\"a\"", "\"argmax\":10");

    /** What says which tokens those were. */
    private static final String META_1 =
            "{\"version\":1,\"fingerprint\":\"model-1\",\"template\":\"chatml\",\"system\":null,\"temperature\":1.0,"
                    + "\"respond\":\"[respond]\",\"respondToken\":12,\"categories\":[{\"id\":\"a\",\"token\":\"[a]\","
                    + "\"name\":\"Kind A\",\"tokenId\":10},{\"id\":\"b\",\"token\":\"[b]\",\"name\":\"Kind B\","
                    + "\"tokenId\":11}],\"dataHash\":\"data-1\",\"llama\":\"old\",\"device\":\"CPU\"}";

    /** Every choice there is; in the first row the probabilities say another one. */
    private static final List<String> CHOICES = List.of("\"b\"", "\"a\"", "\"respond\"", "null");

    private static final List<Integer> ARGMAXES = List.of(11, 10, 12, 3);

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

    /** With the meta file of the first version. */
    private ScoredPrompts readByTokens(String content) throws IOException {
        Files.writeString(ScoreMeta.beside(file), META_1);
        Files.writeString(file, content);
        return ScoreFile.read(file, null, warnings::add);
    }

    private void requireError(String message, String content) {
        requireError(message, () -> read(content));
    }

    private void requireError(String message, Executable reading) {
        ScoreFileException e = assertThrows(ScoreFileException.class, reading);
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
                "617ca824721a1279437c37913a10c819ec838f54160788f7671f9f35195fc7c0",
                read(LINE + "\n").scoresHash());
        assertEquals(
                "2d3881e5968d89093fc127346adbea8bb83d3babc163ea6fe7843287c1442325",
                readByTokens(LINE_1 + "\n").scoresHash());
    }

    private static String lines(boolean byToken) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < CHOICES.size(); i++) {
            String choice = byToken ? "\"argmax\":" + ARGMAXES.get(i) : "\"choice\":" + CHOICES.get(i);
            lines.append(LINE.replace("r1", "r" + i).replace("\"choice\":\"a\"", choice))
                    .append('\n');
        }
        return lines.toString();
    }

    private static int[] chosen(ScoredPrompts prompts, RefusalPolicy policy) {
        Decisions decisions = prompts.decide(policy);
        return IntStream.range(0, prompts.size()).map(decisions::chosen).toArray();
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void files_of_the_first_version_are_read_and_decided_as_those_of_the_second(Rule rule) throws IOException {
        ScoredPrompts second = read(lines(false));
        ScoredPrompts first = readByTokens(lines(true));
        assertEquals(second.meta(), first.meta());
        assertEquals("tokens", first.meta().orElseThrow().readout().kind());
        RefusalPolicy defaults = TwoCategories.defaults(rule);
        for (RefusalPolicy policy : List.of(
                defaults,
                defaults.withThreshold("a", 0.75),
                defaults.withoutThreshold("a"),
                defaults.withoutThreshold("a").withoutThreshold("b"))) {
            assertArrayEquals(chosen(second, policy), chosen(first, policy), policy.toString());
        }
        if (rule == Rule.TOP_CATEGORY) {
            assertArrayEquals(
                    new int[] {TwoCategories.B, TwoCategories.A, TwoCategories.RESPOND, TwoCategories.NO_LABEL},
                    chosen(first, defaults.withoutThreshold("a")));
        }
        assertEquals(List.of(), warnings);
    }

    @Test
    void policies_of_the_first_version_decide_both_and_are_checked_against_the_readout_of_both() throws IOException {
        String json = "{\"version\":1,\"rule\":\"top-category\",\"respond\":\"[respond]\",\"categories\":"
                + "[{\"id\":\"b\",\"token\":\"[b]\"},{\"id\":\"a\",\"token\":\"[a]\"}]}";
        RefusalPolicy policy = PolicyFile.parse(json, "p.json");
        RefusalPolicy second = PolicyFile.parse(PolicyFile.write(policy), "p.json");
        RefusalPolicy other = PolicyFile.parse(json.replace("[a]", "[A]"), "p.json");
        for (boolean byToken : new boolean[] {true, false}) {
            ScoredPrompts prompts = byToken ? readByTokens(lines(true)) : read(lines(false));
            assertArrayEquals(
                    new int[] {TwoCategories.B, TwoCategories.A, TwoCategories.RESPOND, TwoCategories.NO_LABEL},
                    chosen(prompts, policy));
            assertArrayEquals(chosen(prompts, policy), chosen(prompts, second));
            PolicyException e = assertThrows(PolicyException.class, () -> prompts.requireFits(other, "p.json"));
            assertEquals(
                    "p.json: readout: \"a\" has the token \"[A]\", which in this model is \"[a]\": calibrate with this model",
                    e.getMessage());
        }
    }

    @Test
    void lines_of_both_versions_may_follow_one_another_beside_a_meta_file_of_the_first() throws IOException {
        ScoredPrompts prompts = readByTokens(lines(true) + lines(false).replace("\"id\":\"r", "\"id\":\"s"));
        assertArrayEquals(
                new int[] {
                    TwoCategories.B,
                    TwoCategories.A,
                    TwoCategories.RESPOND,
                    TwoCategories.NO_LABEL,
                    TwoCategories.B,
                    TwoCategories.A,
                    TwoCategories.RESPOND,
                    TwoCategories.NO_LABEL
                },
                chosen(prompts, TwoCategories.defaults(Rule.TOP_CATEGORY).withoutThreshold("a")));
    }

    @Test
    void token_ids_that_no_meta_file_of_the_first_version_explains_leave_the_choice_open() throws IOException {
        ScoredPrompts prompts = read(lines(false) + LINE_1.replace("r1", "old") + "\n");
        RefusalPolicy policy = TwoCategories.defaults(Rule.TOP_CATEGORY);
        assertTrue(prompts.decide(policy).refused(0));
        assertThrows(PolicyException.class, () -> prompts.decide(policy.withoutThreshold("b")));
    }

    @Test
    void lines_that_are_written_read_back_as_the_same_doubles() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        StringBuilder content = new StringBuilder();
        List<Reading> readings = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            double respond = random.nextDouble();
            double a = (1 - respond) * random.nextDouble();
            double b = Math.exp(-800 * random.nextDouble()) * (1 - respond - a);
            Reading reading = Reading.ofProbabilities(
                    TwoCategories.LABELS, 1, new double[] {a, b, respond}, random.nextInt(4) - 1);
            readings.add(reading);
            content.append(ScoreFile.line("id \"" + i + "\"", i % 3 == 0 ? null : "x\t", i % 2 == 0, reading))
                    .append('\n');
        }
        ScoredPrompts prompts = read(content.toString());
        for (int i = 0; i < readings.size(); i++) {
            String context = "seed " + seed + ", row " + i;
            assertEquals("id \"" + i + "\"", prompts.id(i), context);
            assertEquals(i % 3 == 0 ? Optional.empty() : Optional.of("x\t"), prompts.label(i), context);
            assertEquals(i % 2 == 0, prompts.shouldRefuse(i), context);
            for (int c = 0; c < 3; c++) {
                assertEquals(readings.get(i).probability(c), prompts.probability(i, c), context);
            }
        }
        RefusalPolicy ownChoice =
                TwoCategories.defaults(Rule.TOP_CATEGORY).withoutThreshold("a").withoutThreshold("b");
        assertArrayEquals(
                readings.stream().mapToInt(Reading::choice).toArray(), chosen(prompts, ownChoice), "seed " + seed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"id\":\"r1\"|\"id\":7|id: must be a string, not a number",
                "\"id\":\"r1\",||id: is missing",
                "\"id\":\"r1\"|\"id\":\"r1\",\"id\":\"r2\"|column 12, in or after id: the name is there twice in its object",
                "\"category\":\"a\"|\"category\":null|category: must be a string, not null",
                "\"category\":\"a\"|\"category\":\" \"|category: is blank; a row without a category has \"none\"",
                "\"refuse\"|\"maybe\"|expected: \"maybe\" is neither \"refuse\" nor \"respond\"",
                "\"a\":0.5|\"a\":1.5|probabilities.a: 1.5 is not in [0, 1]",
                "\"a\":0.5|\"a\":-0.5|probabilities.a: -0.5 is not in [0, 1]",
                "\"a\":0.5|\"a\":\"0.5\"|probabilities.a: must be a number, not a string",
                "\"a\":0.5|\"a\":1e999|column 68, in or after probabilities.a: a number is too large",
                "\"a\":0.5|\"a\":NaN|column 68, in or after probabilities.a: this is not JSON: there must be a JSON value",
                "\"a\":0.5,||probabilities.a: is missing",
                "\"a\":0.5|\"a\":0.5,\"c\":0|probabilities.c: is not a known field; known are a, b, respond",
                "0.875|0.8|coverage: 0.8 is not the sum of the probabilities, which is 0.875",
                "\"coverage\":0.875,||coverage: is missing",
                ",\"choice\":\"a\"||choice: is missing",
                "\"choice\":\"a\"|\"choice\":\"c\"|choice: \"c\" is none of a, b, respond",
                "\"choice\":\"a\"|\"choice\":\"none\"|choice: \"none\" is none of a, b, respond",
                "\"choice\":\"a\"|\"choice\":10|choice: must be a string or null, not a number",
                "\"choice\":\"a\"|\"choice\":\"a\",\"choice\":\"a\"|column 128, in or after choice: the name is there twice in its object",
                "\"choice\":\"a\"|\"choice\":\"a\",\"argmax\":10|choice: is there beside argmax, which stood in its"
                        + " place once",
                "\"choice\":\"a\"|\"argmax\":10,\"choice\":null|choice: is there beside argmax, which stood in its place"
                        + " once",
                "\"choice\":\"a\"|\"choice\":\"a\",\"x\":1|x: is not a known field; known are id, category, expected,"
                        + " probabilities, coverage, choice, argmax, promptHash, fitted",
                "\"choice\":\"a\"}|\"choice\":\"a\"|column 127, in or after choice: the text ends in the middle of the JSON",
                "\"choice\":\"a\"}|\"choice\":\"a\"}}|column 128: the text goes on after the end of the JSON"
            })
    void a_mistake_is_an_error_that_names_line_and_field(String right, @Nullable String wrong, String problem) {
        assertTrue(LINE.contains(right), right);
        String broken = LINE.replace("r1", "r0") + "\n" + LINE.replace(right, wrong == null ? "" : wrong) + "\n";
        requireError("s.jsonl:2: " + problem, broken);
        requireError("s.jsonl:2: " + problem, () -> readByTokens(broken));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                ",\"argmax\":10||choice: is missing",
                "\"argmax\":10|\"argmax\":-1|argmax: -1 is not a whole number from 0 to 2147483647",
                "\"argmax\":10|\"argmax\":1.5|argmax: 1.5 is not a whole number from 0 to 2147483647",
                "\"argmax\":10|\"argmax\":null|argmax: must be a whole number, not null",
                "\"argmax\":10|\"argmax\":10,\"argmax\":10|column 127, in or after argmax: the name is there twice in its object",
                "\"argmax\":10|\"argmax\":10,\"x\":1|x: is not a known field; known are id, category, expected,"
                        + " probabilities, coverage, choice, argmax, promptHash, fitted",
                "\"argmax\":10}|\"argmax\":10|column 126, in or after argmax: the text ends in the middle of the JSON",
                "\"argmax\":10}|\"argmax\":10}}|column 127: the text goes on after the end of the JSON"
            })
    void a_mistake_in_a_line_of_the_first_version_is_one_too(String right, @Nullable String wrong, String problem) {
        assertTrue(LINE_1.contains(right), right);
        String broken = LINE_1.replace("r1", "r0") + "\n" + LINE_1.replace(right, wrong == null ? "" : wrong) + "\n";
        requireError("s.jsonl:2: " + problem, broken);
        requireError("s.jsonl:2: " + problem, () -> readByTokens(broken));
    }

    /** A device that never ends, named by mistake: neither the memory nor the patience of the caller does. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void a_line_or_meta_file_without_an_end_is_an_error_and_is_not_held() throws IOException {
        TwoCategories.META.write(ScoreMeta.beside(file));
        Files.createSymbolicLink(file, Path.of("/dev/zero"));
        ScoreFileException e = assertThrows(ScoreFileException.class, () -> ScoreFile.read(file, null, warnings::add));
        assertEquals(file + ":1: the line is longer than 8 MiB", e.getMessage());
        Files.delete(file);
        Files.writeString(file, LINE);
        Path meta = ScoreMeta.beside(file);
        Files.delete(meta);
        Files.createSymbolicLink(meta, Path.of("/dev/zero"));
        e = assertThrows(ScoreFileException.class, () -> ScoreFile.read(file, null, warnings::add));
        assertEquals(meta + ": is larger than 16 MiB and thus no meta file", e.getMessage());
    }

    @Test
    void other_damage_is_an_error_that_names_the_file() throws IOException {
        requireError("s.jsonl: has no rows", "");
        requireError("s.jsonl:2: column 1: the text ends in the middle of the JSON", LINE + "\n\n");
        requireError("s.jsonl:1: must be an object, not an array", "[]");
        requireError("s.jsonl:2: id: \"r1\" is already there", LINE + "\n" + LINE);
        Files.write(file, "{\"id\":\"ä\"}".getBytes(StandardCharsets.ISO_8859_1));
        ScoreFileException e = assertThrows(ScoreFileException.class, () -> ScoreFile.read(file, null, warnings::add));
        assertEquals(file + ":1: the line is not UTF-8 text", e.getMessage());
        Files.delete(file);
        e = assertThrows(ScoreFileException.class, () -> ScoreFile.read(file, null, warnings::add));
        assertEquals(file + ": there is no such score file", e.getMessage());
        e = assertThrows(ScoreFileException.class, () -> ScoreFile.read(folder, null, warnings::add));
        assertTrue(String.valueOf(e.getMessage()).startsWith(folder.toString()), e.getMessage());
    }

    @Test
    void without_a_meta_file_there_is_one_warning_and_the_policy_tells_the_categories() throws IOException {
        Files.writeString(file, LINE);
        RefusalPolicy policy = TwoCategories.defaults(Rule.THRESHOLD);
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
                note.startsWith(
                        "{\"fingerprint\":\"\",\"template\":null,\"renderer\":null,\"system\":null,\"readout\":null,"),
                note);
    }

    @Test
    void without_a_meta_file_what_the_model_would_choose_is_known_where_the_lines_say_it() throws IOException {
        Files.writeString(file, lines(false));
        RefusalPolicy policy = TwoCategories.defaults(Rule.TOP_CATEGORY).withoutThreshold("a");
        assertArrayEquals(
                new int[] {TwoCategories.B, TwoCategories.A, TwoCategories.RESPOND, TwoCategories.NO_LABEL},
                chosen(ScoreFile.read(file, policy, warnings::add), policy));
    }

    @Test
    void without_a_meta_file_nothing_can_be_left_to_the_model_by_lines_with_token_ids() throws IOException {
        Files.writeString(file, LINE_1);
        RefusalPolicy policy = TwoCategories.defaults(Rule.TOP_CATEGORY);
        ScoredPrompts prompts = ScoreFile.read(file, policy, warnings::add);
        assertTrue(prompts.decide(policy).refused(0));
        DemurException e =
                assertThrows(DemurException.class, () -> prompts.requireFits(policy.withoutThreshold("b"), "p.json"));
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
                        + ".meta.json is missing, and with it the categories; name them with a RefusalPolicy for them,"
                        + " or score the prompts again: PromptScorer",
                e.getMessage());
    }
}
