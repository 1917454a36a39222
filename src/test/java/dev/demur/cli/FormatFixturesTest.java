package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.cli.ask.SavedChat;
import dev.demur.llama.HiddenState;
import dev.demur.llama.Message;
import dev.demur.policy.Calibrations;
import dev.demur.policy.Category;
import dev.demur.policy.LogisticMap;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.Head;
import dev.demur.readout.HeadFile;
import dev.demur.readout.Wording;
import dev.demur.readout.words.internal.FrameReader;
import dev.demur.readout.words.internal.FrameSpec;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files that released versions wrote are read as they were meant, and programs still find what they look for. */
class FormatFixturesTest {

    private static final Path FIXTURES = Path.of("src", "test", "resources", "fixtures", "0.1.0");

    private static Path fixture(String name) {
        return FIXTURES.resolve(name);
    }

    private static RefusalPolicy policy(String name) {
        return PolicyFile.read(fixture(name));
    }

    private static JsonElement json(String text) {
        return JsonParser.parseString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"calibrated-policy.json", "head-policy.json"})
    void a_policy_is_written_as_it_was_read(String name) throws IOException {
        assertEquals(json(Files.readString(fixture(name))), json(PolicyFile.write(policy(name))));
    }

    @Test
    void a_calibrated_policy_keeps_its_promise() {
        RefusalPolicy policy = policy("calibrated-policy.json");
        JsonObject note = Calibrations.json(policy);
        assertTrue(note.has("policyHash"), note::toString);
        assertEquals(policy.checksum(), note.get("policyHash").getAsString());
        assertEquals(
                List.of("humanizing", "incomplete", "indeterminate", "safety", "unsupported"),
                policy.categories().stream().map(category -> category.id()).toList());
    }

    @Test
    void a_policy_with_a_map_has_its_rows() {
        RefusalPolicy policy = policy("refit-policy.json");
        assertEquals(Rule.REFIT, policy.rule());
        LogisticMap map = Objects.requireNonNull(policy.map());
        assertEquals(List.of("safety", "distress", "respond"), map.labels());
        assertEquals(
                List.of(
                        new LogisticMap.Row(List.of(1.0, 0.0, -1.0), 0.5),
                        new LogisticMap.Row(List.of(0.25, 1.5, -1.0), -0.25)),
                map.rows());
        assertEquals(policy, PolicyFile.parse(PolicyFile.write(policy), "again"));
    }

    @Test
    void the_first_version_of_a_policy_is_one_for_control_tokens() {
        RefusalPolicy policy = policy("policy-version-1.json");
        assertEquals(Rule.RELATIVE, policy.rule());
        assertEquals(1.5, policy.temperature());
        assertEquals("tokens", Objects.requireNonNull(policy.readout()).kind());
        assertEquals("[respond]", policy.readout().tokens().get("respond"));
        assertEquals("[Unsupported requests]", policy.readout().tokens().get("unsupported"));
        assertEquals(0.25, policy.category("safety").orElseThrow().threshold());
        assertNull(policy.category("unsupported").orElseThrow().threshold());
        assertEquals("I'd rather not.", policy.category("safety").orElseThrow().reply());
    }

    @Test
    void scores_and_their_meta_file_are_read_without_a_warning() throws IOException {
        Path file = fixture("scores.jsonl");
        List<String> warnings = new ArrayList<>();
        ScoredPrompts scores = ScoreFile.read(file, null, warnings::add);
        assertEquals(List.of(), warnings);
        List<String> lines = Files.readAllLines(file);
        assertEquals(lines.size(), scores.size());
        for (int row = 0; row < scores.size(); row++) {
            JsonObject line = json(lines.get(row)).getAsJsonObject();
            assertEquals(line.get("id").getAsString(), scores.id(row));
            assertEquals(line.get("expected").getAsString().equals("refuse"), scores.shouldRefuse(row));
            JsonObject probabilities = line.getAsJsonObject("probabilities");
            for (int i = 0; i < scores.labels().categories().size(); i++) {
                String id = scores.labels().categories().get(i).id();
                assertEquals(probabilities.get(id).getAsDouble(), scores.probability(row, i), id);
            }
            assertTrue(scores.hasPromptHash(row));
        }
        ScoreMeta meta = scores.meta().orElseThrow();
        assertEquals(
                json(Files.readString(ScoreMeta.beside(file))), json(meta.toJson()), "the meta file, written again");
    }

    /** What a program finds by name in a report: all that was there, with the same values; there may be more. */
    private static void assertKept(String place, JsonElement expected, JsonElement actual, Set<String> lost) {
        if (expected instanceof JsonObject fields && actual instanceof JsonObject found) {
            for (String name : fields.keySet()) {
                if (found.has(name)) {
                    assertKept(place + "." + name, fields.get(name), found.get(name), lost);
                } else {
                    lost.add(place + "." + name + " is missing");
                }
            }
        } else if (expected instanceof JsonArray list
                && actual instanceof JsonArray found
                && list.size() == found.size()) {
            for (int i = 0; i < list.size(); i++) {
                assertKept(place + "[" + i + "]", list.get(i), found.get(i), lost);
            }
        } else if (!expected.equals(actual)) {
            lost.add(place + " was " + expected + " and is " + actual);
        }
    }

    @Test
    void the_report_of_eval_has_what_it_had() throws IOException {
        CommandRun run = CommandRun.of(
                "eval",
                "--scores",
                fixture("scores.jsonl").toString(),
                "--policy",
                fixture("calibrated-policy.json").toString(),
                "--json");
        assertEquals(0, run.status(), run.err());
        JsonObject expected = json(Files.readString(fixture("evaluation.json"))).getAsJsonObject();
        // Where they lie is this machine's, which may write paths in another way.
        for (String name : List.of("scores", "policy")) {
            assertTrue(expected.has(name), name);
            expected.remove(name);
        }
        Set<String> lost = new TreeSet<>();
        assertKept("", expected, json(run.out()), lost);
        assertEquals(Set.of(), lost);
    }

    @Test
    void a_frame_has_its_labels_and_its_own_text() {
        FrameSpec frame = FrameReader.read(fixture("frame.json"));
        assertEquals("fixture", frame.name());
        assertEquals(
                List.of("S1", "S2"),
                frame.labels().categories().stream().map(Category::id).toList());
        assertFalse(frame.needsTemplate() || frame.usesModelTemplate(), () -> String.valueOf(frame.prompt()));
        assertEquals("Answer: ", frame.begins());
    }

    @Test
    void a_saved_chat_is_read_and_saved_again(@TempDir Path folder) throws IOException {
        List<Message> messages = SavedChat.read(fixture("chat.json"));
        assertEquals(7, messages.size());
        assertEquals("Grüße, 日本?\n\"quoted\"", messages.get(1).content());
        assertEquals("safety", messages.get(4).decision());
        assertNull(messages.get(6).decision());
        Path again = folder.resolve("chat.json");
        SavedChat.write(again, messages);
        assertEquals(json(Files.readString(fixture("chat.json"))), json(Files.readString(again)));
    }

    @Test
    void a_head_file_has_its_numbers_and_is_written_to_the_byte(@TempDir Path folder) throws IOException {
        byte[] bytes = HexFormat.of()
                .parseHex(Files.readAllLines(fixture("head.gguf.hex")).stream().collect(Collectors.joining()));
        Path file = Files.write(folder.resolve("fixture.head.gguf"), bytes);
        HeadFile read = HeadFile.read(file);
        Head head = read.head();
        assertEquals(
                List.of("safety", "distress"),
                head.labels().categories().stream().map(Category::id).toList());
        assertEquals(List.of("No.", "You are not alone."), head.replies());
        assertEquals(Head.Sees.MESSAGE, head.sees());
        assertEquals(Wording.AS_WRITTEN, head.wording());
        assertEquals(
                List.of(new HiddenState(1, HiddenState.Pooling.LAST), new HiddenState(2, HiddenState.Pooling.MEAN)),
                head.values());
        assertArrayEquals(new float[] {1, -2, 0.5f, 0.25f, 3, 4, -5, 6, 0, 0.125f, -1, 2}, head.weight());
        assertArrayEquals(new float[] {0.5f, -0.5f, 1}, head.bias());
        assertEquals("3d8880e20f5ac4ab", head.checksum());
        assertArrayEquals(new long[] {1, -2, Long.MAX_VALUE}, read.facts().trainedOn());
        assertEquals(
                Set.of("demur.policy", "demur.policy.strict"),
                read.facts().policies().keySet());
        Path again = folder.resolve("again.head.gguf");
        read.write(again);
        assertArrayEquals(bytes, Files.readAllBytes(again));
    }

    @Test
    void every_fixture_is_read_by_a_test() throws IOException {
        String source = Files.readString(Path.of("src/test/java/dev/demur/cli/FormatFixturesTest.java"));
        try (Stream<Path> files = Files.list(FIXTURES)) {
            List<String> forgotten = files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> !name.equals("README.md") && !name.endsWith(".meta.json"))
                    .filter(name -> !source.contains("\"" + name + "\""))
                    .toList();
            assertEquals(List.of(), forgotten);
        }
    }
}
