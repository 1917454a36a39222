package dev.demur.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyFileTest {

    /** Of the first version, which knew control tokens alone. */
    private static final String FULL_1 = """
            {
              "version": 1,
              "rule": "relative",
              "temperature": 1.5,
              "respond": "[respond]",
              "sumThreshold": null,
              "categories": [
                {
                  "id": "safety",
                  "token": "[Requests with safety concerns]",
                  "name": "Requests with safety concerns",
                  "threshold": 0.25,
                  "bias": -1.0E-5,
                  "reply": "I'd rather not. <\\"ß\\n𝄞>"
                },
                {
                  "id": "unsupported",
                  "token": "[Unsupported requests]",
                  "threshold": null,
                  "bias": null,
                  "reply": null
                }
              ],
              "calibration": {
                "prompts": 9007199254740993,
                "bounds": [
                  0.05,
                  null,
                  true
                ]
              }
            }
            """;

    private static final String FULL = """
            {
              "version": 2,
              "rule": "relative",
              "temperature": 1.5,
              "readout": {
                "kind": "tokens",
                "checksum": null,
                "tokens": {
                  "respond": "[respond]",
                  "safety": "[Requests with safety concerns]",
                  "unsupported": "[Unsupported requests]"
                }
              },
              "sumThreshold": null,
              "categories": [
                {
                  "id": "safety",
                  "name": "Requests with safety concerns",
                  "threshold": 0.25,
                  "bias": -1.0E-5,
                  "reply": "I'd rather not. <\\"ß\\n𝄞>"
                },
                {
                  "id": "unsupported",
                  "threshold": null,
                  "bias": null,
                  "reply": null
                }
              ],
              "calibration": {
                "prompts": 9007199254740993,
                "bounds": [
                  0.05,
                  null,
                  true
                ]
              }
            }
            """;

    private static final String SMALLEST_1 =
            "{\"version\":1,\"rule\":\"threshold\",\"respond\":\"[respond]\",\"categories\":[]}";

    private static final String SMALLEST = "{\"version\":2,\"rule\":\"threshold\",\"categories\":[]}";

    @Test
    void a_file_of_the_first_version_is_one_for_control_tokens() {
        assertEquals(PolicyFile.parse(FULL, "policy.json"), PolicyFile.parse(FULL_1, "policy.json"));
        assertEquals(FULL, PolicyFile.write(PolicyFile.parse(FULL_1, "policy.json")));
    }

    @Test
    void what_is_written_is_pretty_and_in_a_stable_order() {
        RefusalPolicy policy = PolicyFile.parse(FULL, "policy.json");
        assertEquals(FULL, PolicyFile.write(policy));
    }

    @Test
    void every_field_is_read() {
        RefusalPolicy policy = PolicyFile.parse(FULL, "policy.json");
        assertEquals(Rule.RELATIVE, policy.rule());
        assertEquals(1.5, policy.temperature());
        assertEquals(
                new ReadoutIdentity(
                        "tokens",
                        null,
                        Map.of(
                                "safety",
                                "[Requests with safety concerns]",
                                "unsupported",
                                "[Unsupported requests]",
                                "respond",
                                "[respond]")),
                policy.readout());
        assertNull(policy.sumThreshold());
        assertEquals(
                List.of(
                        new CategoryPolicy(
                                "safety", "Requests with safety concerns", 0.25, -1e-5, "I'd rather not. <\"ß\n𝄞>"),
                        new CategoryPolicy("unsupported", null, null, null, null)),
                policy.categories());
        assertEquals(
                Calibration.parse("{\"prompts\": 9007199254740993, \"bounds\": [0.05, null, true]}"),
                policy.calibration());
    }

    @Test
    void optional_fields_may_be_missing() {
        assertEquals(
                new RefusalPolicy(Rule.THRESHOLD, 1, null, null, List.of(), null),
                PolicyFile.parse(SMALLEST, "policy.json"));
        List<CategoryPolicy> safety = List.of(new CategoryPolicy("safety", null, null, null, null));
        assertEquals(
                safety,
                PolicyFile.parse(SMALLEST.replace("[]", "[{\"id\":\"safety\"}]"), "policy.json")
                        .categories());
        RefusalPolicy first = PolicyFile.parse(
                SMALLEST_1.replace("[]", "[{\"id\":\"safety\",\"token\":\"[Requests with safety concerns]\"}]"),
                "policy.json");
        assertEquals(safety, first.categories());
        RefusalPolicy head = PolicyFile.parse(
                SMALLEST.replace("}", ",\"readout\":{\"kind\":\"head\",\"checksum\":\"abc\"}}"), "policy.json");
        assertEquals(new ReadoutIdentity("head", "abc", Map.of()), head.readout());
        assertEquals(head, PolicyFile.parse(PolicyFile.write(head), "policy.json"));
    }

    @Test
    void random_policies_read_back_as_the_same_ones() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            RefusalPolicy policy = RandomCase.of(
                            random, 8, List.of(Rule.values()).get(i % Rule.values().length))
                    .policy();
            for (CategoryPolicy category : policy.categories()) {
                policy = policy.withBias(category.id(), anyFinite(random))
                        .withReply(category.id(), random.nextBoolean() ? "Nein.\u2028\t\\ \"" : null);
            }
            Calibration calibration = Calibration.parse("{\"bound\": " + anyFinite(random) + "}");
            policy = policy.withTemperature(Math.abs(anyFinite(random)) + Double.MIN_VALUE)
                    .withCalibration(random.nextBoolean() ? calibration : null);
            assertEquals(policy, PolicyFile.parse(PolicyFile.write(policy), "policy.json"), "seed " + seed);
        }
    }

    private static double anyFinite(Random random) {
        double value = Double.longBitsToDouble(random.nextLong());
        return Double.isFinite(value) && Math.abs(value) < Double.MAX_VALUE ? value : random.nextGaussian();
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                // unknown, missing, twice
                arguments(
                        "\"rule\"",
                        "\"rules\"",
                        "rules: is not a known field; known are version, rule, temperature,"
                                + " respond, sumThreshold, categories, calibration"),
                arguments(
                        "\"threshold\": 0.25",
                        "\"treshold\": 0.25",
                        "categories[0].treshold: is not a known field;"
                                + " known are id, token, name, threshold, bias, reply"),
                arguments("\"version\": 1,", "", "version: is missing"),
                arguments("\"rule\": \"relative\",", "", "rule: is missing"),
                arguments("\"respond\": \"[respond]\",", "", "respond: is missing"),
                arguments("\"id\": \"unsupported\",", "", "categories[1].id: is missing"),
                arguments("\"token\": \"[Unsupported requests]\",", "", "categories[1].token: is missing"),
                arguments(
                        "\"bias\": null",
                        "\"threshold\": 1",
                        "line 20, column 7, in or after categories[1].threshold: the name is there twice in its object"),
                arguments(
                        "\"temperature\"",
                        "\"rule\"",
                        "line 4, column 3, in or after rule: the name is there twice in its object"),
                arguments(
                        "\"prompts\": 9007199254740993",
                        "\"bounds\": 1",
                        "line 26, column 5, in or after calibration.bounds: the name is there twice in its object"),
                // wrong types
                arguments("\"version\": 1", "\"version\": \"1\"", "version: must be a number, not a string"),
                arguments("\"relative\"", "3", "rule: must be a string, not a number"),
                arguments("\"relative\"", "null", "rule: must be a string, not null"),
                arguments("1.5", "\"1.5\"", "temperature: must be a number, not a string"),
                arguments("1.5", "null", "temperature: must be a number, not null"),
                arguments("\"[respond]\"", "[\"[respond]\"]", "respond: must be a string, not an array"),
                arguments(
                        "\"sumThreshold\": null",
                        "\"sumThreshold\": true",
                        "sumThreshold: must be a number or null, not a boolean"),
                arguments("\"safety\"", "{}", "categories[0].id: must be a string, not an object"),
                arguments(
                        "\"name\": \"Requests with safety concerns\"",
                        "\"name\": null",
                        "categories[0].name: must be a string, not null"),
                arguments("0.25", "\"0.25\"", "categories[0].threshold: must be a number or null, not a string"),
                arguments("-1.0E-5", "[]", "categories[0].bias: must be a number or null, not an array"),
                arguments(
                        "\"reply\": null",
                        "\"reply\": false",
                        "categories[1].reply: must be a string or null, not a boolean"),
                // out of range
                arguments(
                        "\"version\": 1",
                        "\"version\": 3",
                        "version: must be 1 or 2, which this release of Demur reads"),
                arguments(
                        "\"version\": 1",
                        "\"version\": 2",
                        "respond: is not a known field; known are version, rule, temperature, readout, sumThreshold,"
                                + " categories, map, calibration"),
                arguments(
                        "\"relative\"",
                        "\"Relative\"",
                        "rule: \"Relative\" is not one of threshold, top-category,"
                                + " relative, sum, logit-bias, refit"),
                arguments("1.5", "0", "temperature: 0.0 is not a finite number above 0"),
                arguments("1.5", "-1", "temperature: -1.0 is not a finite number above 0"),
                arguments("\"sumThreshold\": null", "\"sumThreshold\": -0.1", "sumThreshold: -0.1 is not in [0, 1]"),
                arguments("\"threshold\": null", "\"threshold\": 1.5", "categories[1].threshold: 1.5 is not in [0, 1]"),
                arguments("0.25", "1.0000000000000002", "categories[0].threshold: 1.0000000000000002 is not in [0, 1]"),
                arguments(
                        "\"bias\": null",
                        "\"bias\": 1e999",
                        "line 20, column 15, in or after categories[1].bias: a number is too large"),
                arguments(
                        "0.05",
                        "-1e999",
                        "line 27, column 7, in or after calibration.bounds[0]: a number is too large"),
                arguments("\"[respond]\"", "\" \"", "respond: is blank"),
                arguments("\"[Unsupported requests]\"", "\"\"", "categories[1].token: is blank"),
                arguments(
                        "\"unsupported\"", "\"none\"", "categories[1].id: \"none\" is reserved and names no category"),
                arguments(
                        "\"unsupported\"",
                        "\"safety\"",
                        "categories[1].id: \"safety\" is already the id of categories[0]"),
                arguments(
                        "\"[Unsupported requests]\"",
                        "\" [Requests with safety concerns]\"",
                        "categories[1].token: \" [Requests with safety concerns]\" is already the token of"
                                + " categories[0]"),
                arguments(
                        "\"[Unsupported requests]\"",
                        "\"[respond]\"",
                        "categories[1].token: \"[respond]\" is already the token of respond"),
                // no JSON
                arguments(
                        "1.5",
                        "NaN",
                        "line 4, column 18, in or after temperature: this is not JSON: there must be a JSON value"),
                arguments(
                        "0.25",
                        "Infinity",
                        "line 12, column 20, in or after categories[0].threshold: this is not JSON: there must be a JSON value"),
                arguments(
                        "0.25",
                        "00.25",
                        "line 12, column 21, in or after categories[0].threshold: this is not JSON: there must be a comma or }"),
                arguments(
                        "0.25",
                        "+0.25",
                        "line 12, column 20, in or after categories[0].threshold: this is not JSON: there must be a JSON value"),
                arguments(
                        "true",
                        "True",
                        "line 29, column 7, in or after calibration.bounds[2]: this is not JSON: there must be a JSON value"),
                arguments(
                        "\"version\": 1,",
                        "\"version\": 1, // one",
                        "line 2, column 17, in or after version: this is not JSON: there must be a name in quotation marks"),
                arguments(
                        "\"rule\"",
                        "'rule'",
                        "line 3, column 3, in or after version: this is not JSON: there must be a name in quotation marks"));
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("mistakes")
    void a_mistake_is_an_error_that_names_file_and_field(String right, String wrong, String message) {
        assertTrue(FULL_1.contains(right), right);
        String json = FULL_1.replaceFirst(Pattern.quote(right), Matcher.quoteReplacement(wrong));
        assertEquals("policy.json: " + message, problem(json));
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"kind\": \"tokens\",|``|readout.kind: is missing",
                "\"kind\": \"tokens\"|\"kind\": \"\"|readout.kind: is blank",
                "\"kind\"|\"kinds\"|readout.kinds: is not a known field; known are kind, checksum, tokens",
                "\"checksum\": null|\"checksum\": 7|readout.checksum: must be a string or null, not a number",
                "\"[respond]\"|null|readout.tokens.respond: must be a string, not null",
                "\"readout\": {|\"readout\": [], \"x\": {|x: is not a known field; known are version, rule, temperature,"
                        + " readout, sumThreshold, categories, map, calibration",
                "\"name\"|\"token\"|categories[0].token: is not a known field; known are id, name, threshold, bias, reply",
                "\"version\": 2,|``|version: is missing",
            })
    void a_mistake_in_the_second_version_names_file_and_field(String right, String wrong, String message) {
        assertTrue(FULL.contains(right), right);
        String json = FULL.replaceFirst(Pattern.quote(right), Matcher.quoteReplacement(wrong));
        assertEquals("policy.json: " + message, problem(json));
    }

    @Test
    void what_is_no_policy_at_all_is_an_error_that_names_the_file() {
        assertEquals("policy.json: line 1, column 1: the text ends in the middle of the JSON", problem(""));
        assertEquals("policy.json: must be an object, not an array", problem("[]"));
        assertEquals("policy.json: must be an object, not null", problem("null"));
        assertEquals(
                "policy.json: categories[0]: must be an object, not a string",
                problem(SMALLEST.replace("[]", "[\"safety\"]")));
        assertEquals("policy.json: categories: must be an array, not an object", problem(SMALLEST.replace("[]", "{}")));
        assertEquals(
                "policy.json: line 1, column 71: the text goes on after the end of the JSON",
                problem(SMALLEST_1 + "{}"));
        assertEquals(
                "policy.json: line 1, column 71: the text goes on after the end of the JSON",
                problem(SMALLEST_1 + "x"));
        assertEquals(
                "policy.json: line 9, column 13, in or after categories[0].id: the text ends in the middle of the JSON",
                problem(FULL_1.substring(0, FULL_1.indexOf("\"safety\""))));
    }

    @Test
    void deep_nesting_is_an_error_and_no_stack_overflow() {
        String deep =
                SMALLEST.replace("\"categories\"", "\"calibration\":{\"a\":" + "[".repeat(100_000) + ",\"categories\"");
        assertTrue(problem(deep).endsWith(": it is nested more than 24 deep"), problem(deep));
        assertTrue(problem(deep).length() < 200, problem(deep));
    }

    /** Where a policy comes with a model, it is read on whatever thread loads that. */
    @Test
    void nesting_is_read_copied_and_written_on_the_smallest_stack_that_java_gives() throws Exception {
        for (int depth : new int[] {22, 23, 100_000}) {
            String nested = SMALLEST.replace(
                    "\"categories\"",
                    "\"calibration\":{\"a\":" + "[".repeat(depth) + "]".repeat(depth) + "},\"categories\"");
            FutureTask<String> read = new FutureTask<>(() -> {
                try {
                    RefusalPolicy policy = PolicyFile.parse(nested, "policy.json");
                    return PolicyFile.write(policy) + policy.calibration();
                } catch (PolicyException e) {
                    return e.toString();
                }
            });
            Thread thread = new Thread(null, read, "small", 1);
            thread.start();
            String said = read.get();
            assertEquals(depth > 22, said.contains(": it is nested more than 24 deep"), said);
            assertEquals(depth == 22, said.contains("\"calibration\""), said);
        }
    }

    @Test
    void foreign_text_in_a_message_stays_short_and_on_one_line() {
        String message = problem(SMALLEST.replace("\"rule\"", "\"" + "x\\n\\u001b".repeat(10_000) + "\""));
        assertTrue(message.length() < 800, message);
        assertTrue(message.chars().allMatch(c -> c >= ' '), message);
    }

    @Test
    void a_file_is_read_as_utf8(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("policy.json"), FULL);
        assertEquals(PolicyFile.parse(FULL, "x"), PolicyFile.read(file));
        Files.writeString(file, FULL.replace("0.25", "2"));
        assertEquals(file + ": categories[0].threshold: 2.0 is not in [0, 1]", messageOf(() -> PolicyFile.read(file)));
        Files.write(file, FULL.getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(file + ": is not UTF-8 text", messageOf(() -> PolicyFile.read(file)));
    }

    @Test
    void a_file_that_cannot_be_read_is_an_error_that_names_it(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("missing.json");
        assertEquals(missing + ": there is no such policy file", messageOf(() -> PolicyFile.read(missing)));
        String ofFolder = messageOf(() -> PolicyFile.read(folder));
        assertTrue(ofFolder.startsWith(folder + ": the policy file "), ofFolder);
    }

    @Test
    void a_huge_file_is_refused(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("huge.json");
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(" ".repeat((16 << 20) - SMALLEST.length()).getBytes(StandardCharsets.UTF_8));
            out.write(SMALLEST.getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(Rule.THRESHOLD, PolicyFile.read(file).rule());
        Files.writeString(file, Files.readString(file) + " ");
        assertEquals(file + ": is larger than 16 MiB and thus no policy", messageOf(() -> PolicyFile.read(file)));
    }

    private static String problem(String json) {
        return messageOf(() -> PolicyFile.parse(json, "policy.json"));
    }

    private static String messageOf(Executable call) {
        return String.valueOf(assertThrows(PolicyException.class, call).getMessage());
    }
}
