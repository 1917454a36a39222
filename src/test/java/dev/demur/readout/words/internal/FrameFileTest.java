package dev.demur.readout.words.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.policy.Category;
import dev.demur.readout.words.Frame;
import dev.demur.readout.words.FrameException;
import dev.demur.readout.words.Frames;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames are read strictly, and what is wrong with one is said with its place. */
class FrameFileTest {

    private static final String LABELS =
            "\"labels\": [{\"id\": \"bad\", \"spellings\": [\"A\"]}, {\"id\": \"respond\", \"spellings\": [\"B\"]}]";
    private static final String PROMPT = "\"prompt\": {\"text\": \"{{last}}?\"}";

    private static String frame(String... fields) {
        return "{\"version\": 1, \"name\": \"f\", " + String.join(", ", fields) + "}";
    }

    private static List<String> ids(Frame frame) {
        return frame.labels().categories().stream().map(Category::id).toList();
    }

    static Stream<String> names() {
        return Frames.names().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void every_built_in_frame_is_read_and_knows_its_name(String name) {
        Frame frame = Frames.named(name);
        assertEquals(name, frame.name());
        assertTrue(frame.labels().count() >= 2);
    }

    @Test
    void the_built_in_frames_have_the_labels_that_they_are_for() {
        assertEquals(
                List.of("humanizing", "incomplete", "indeterminate", "safety", "unsupported"),
                ids(Frames.named("ask")));
        assertEquals(14, ids(Frames.named("llama-guard")).size());
        assertEquals(List.of("controversial", "unsafe"), ids(Frames.named("qwen3guard")));
        assertEquals(List.of("unsafe"), ids(Frames.named("qwen3guard-strict")));
        assertEquals(List.of("unsafe"), ids(Frames.named("qwen3guard-loose")));
    }

    @Test
    void the_least_that_a_frame_has_is_enough() {
        FrameSpec frame = FrameReader.parse(frame(PROMPT, LABELS), "f.json");
        assertEquals(List.of("bad"), ids(frame));
        assertEquals("", frame.begins());
        assertTrue(frame.amongLabels());
    }

    @Test
    void the_checksum_follows_what_is_asked_and_not_how_the_file_is_written() {
        FrameSpec frame = FrameReader.parse(frame(PROMPT, LABELS), "f.json");
        FrameSpec spaced = FrameReader.parse(
                frame("\"about\": \"words\"", PROMPT, LABELS)
                        .replace(", ", " ,\n\t")
                        .replace("\"f\"", "\"g\""),
                "g.json");
        FrameSpec other = FrameReader.parse(frame(PROMPT, LABELS.replace("\"A\"", "\"C\"")), "f.json");
        assertEquals(frame.checksum(), spaced.checksum());
        assertNotEquals(frame.checksum(), other.checksum());
    }

    private static String refused(String json) {
        return String.valueOf(assertThrows(FrameException.class, () -> FrameReader.parse(json, "f.json"))
                .getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "\"version\": 1, \"version\": 1 | the name is there twice in its object",
                "\"version\": 2 | version: 2 is not known here; 1 is",
                "\"version\": 1.5 | version: 1.5 is not a whole number",
                "\"version\": \"1\" | version: must be a whole number, not a string",
                "\"name\": \" \" | name: is blank",
                "\"name\": \"a\\u001b[0m\" | name: is blank or has control characters",
                "\"colour\": 1 | colour: is not a known field; known are version",
                "\"begins\": 7 | begins: must be a string, not a number",
                "\"probabilities\": \"both\" | probabilities: must be labels or vocabulary, not both",
                "\"prompt\": [] | prompt: must be an object, not an array",
                "\"prompt\": {} | prompt: must have one of template, messages, text",
                "\"prompt\": {\"text\": \"{{last}}\", \"template\": {}} | not template and text",
                "\"prompt\": {\"text\": \"who?\"} | prompt.text: has no place for what is judged",
                "\"prompt\": {\"text\": \"{{first}}\"} | prompt.text: there is no place {{first}} here",
                "\"prompt\": {\"text\": \"{{last\"} | does not end with }}",
                "\"prompt\": {\"text\": \"{{definition}} {{last}}\"} | there is no place {{definition}} here",
                "\"prompt\": {\"text\": \"{{conversation}}\"} | prompt.turns: is missing",
                "\"prompt\": {\"text\": \"{{last}}\", \"turns\": {\"user\": \"{{text}}\"}} | are of no use",
                "\"prompt\": {\"text\": \"{{conversation}}\", \"turns\": {\"user\": \"x\"}} | has no place {{text}}",
                "\"prompt\": {\"text\": \"{{conversation}}\", \"turns\": {\"tool\": \"{{text}}\"}} | tool is no role",
                "\"prompt\": {\"text\": \"{{conversation}}\", \"turns\": {\"system\": \"{{text}}\"}} | turns.user: is missing",
                "\"prompt\": {\"messages\": []} | prompt.messages: has 0 elements",
                "\"prompt\": {\"messages\": [{\"role\": \"user\"}]} | prompt.messages[0].text: is missing",
                "\"prompt\": {\"messages\": [{\"role\": \"system\", \"text\": \"{{last}}\"}]} | must end with a message of the user",
                "\"prompt\": {\"template\": {\"variables\": {\"messages\": []}}} | variables.messages: is Demur's own",
                "\"labels\": {} | labels: must be an array, not an object",
                "\"labels\": [] | labels: has 0 elements: it must have 2 to 64",
                "\"labels\": [{\"id\": \"a\", \"spellings\": [\"A\"]}, {\"id\": \"b\", \"spellings\": [\"B\"]}] | none has the id respond",
                "\"labels\": [{\"id\": \"a\", \"spellings\": []}, {\"id\": \"respond\", \"spellings\": [\"B\"]}] | spellings: has 0",
                "\"labels\": [{\"id\": \"a\", \"spellings\": [\"\"]}, {\"id\": \"respond\", \"spellings\": [\"B\"]}] | has an empty one",
                "\"labels\": [{\"id\": \"a\", \"spellings\": [3]}, {\"id\": \"respond\", \"spellings\": [\"B\"]}] | labels[0].spellings[0]: must be a string",
                "\"labels\": [{\"id\": \"none\", \"spellings\": [\"A\"]}, {\"id\": \"respond\", \"spellings\": [\"B\"]}] | is reserved",
                "\"labels\": [{\"id\": \"a\", \"spellings\": [\"A\"], \"reply\": \" \"}, {\"id\": \"respond\", \"spellings\": [\"B\"]}] | reply: is blank",
                "\"fold\": {\"worse\": \"bad\"} | fold: worse is no category",
                "\"fold\": {\"bad\": \"good\"} | fold.bad: good is no label that remains",
                "\"each\": [{\"id\": \"a\"}] | asks the same for each category",
                "\"each\": [] | each: has 0 elements",
                "\"each\": 1 | each: must be an array",
            })
    void what_is_wrong_is_named_with_its_field(String field, String expected) {
        String name = field.substring(1, field.indexOf('"', 1));
        String json = Stream.of("\"version\": 1", "\"name\": \"f\"", PROMPT, LABELS)
                        .filter(other -> !other.startsWith("\"" + name + "\""))
                        .reduce("{" + field.strip(), (all, more) -> all + ", " + more)
                + "}";
        String message = refused(json);
        assertTrue(message.startsWith("f.json: ") && message.contains(expected.strip()), message);
    }

    @Test
    void two_labels_of_one_id_are_an_error_and_respond_has_no_second_position() {
        String twice = refused(frame(PROMPT, LABELS.replace("}]", "}, {\"id\": \"bad\", \"spellings\": [\"C\"]}]")));
        assertTrue(twice.contains("two labels have the id bad"), twice);
        String then =
                "\"then\": {\"labels\": [{\"id\": \"x\", \"spellings\": [\"1\"]}, {\"id\": \"y\", \"spellings\": [\"2\"]}]}}";
        String respond = refused(frame(PROMPT, LABELS.replace("\"B\"]}", "\"B\"], " + then)));
        assertTrue(respond.contains("labels[1].then: cannot follow respond"), respond);
        FrameSpec second = FrameReader.parse(frame(PROMPT, LABELS.replace("\"A\"]}", "\"A\"], " + then)), "f.json");
        assertEquals(List.of("x", "y"), ids(second));
    }

    @Test
    void no_json_file_of_any_size_or_depth_is_more_than_an_error() {
        for (String json : List.of(
                "",
                "null",
                "[]",
                "{",
                "\"text\"",
                "[".repeat(1_000_000),
                "{\"a\":".repeat(1_000_000),
                frame(PROMPT, LABELS) + " x",
                frame(PROMPT, LABELS, "\"fold\": " + "{\"a\":".repeat(100_000)),
                frame("\"prompt\": {\"text\": \"" + "{{last}}".repeat(1_000_000) + "\"}", LABELS),
                frame(PROMPT, LABELS, "\"begins\": \"" + "x".repeat(1_000_000) + "\""),
                frame(PROMPT, LABELS.replace("[\"A\"]", "[" + "\"A\",".repeat(100_000) + "\"A\"]")))) {
            String message = refused(json);
            assertTrue(message.startsWith("f.json: ") && message.length() < 300, message);
        }
    }

    @Test
    void a_file_that_cannot_be_read_is_named(@TempDir Path folder) throws Exception {
        Path large = Files.write(folder.resolve("large.json"), new byte[2 << 20]);
        Path latin = Files.write(folder.resolve("latin.json"), "{\"é\"}".getBytes(StandardCharsets.ISO_8859_1));
        for (Path file : List.of(large, latin, folder.resolve("none.json"), folder)) {
            String message = String.valueOf(assertThrows(FrameException.class, () -> FrameReader.read(file))
                    .getMessage());
            assertTrue(message.startsWith(file.toString()), message);
        }
        String unknown = String.valueOf(
                assertThrows(FrameException.class, () -> Frames.named("guard")).getMessage());
        assertTrue(unknown.contains("llama-guard") && unknown.contains("ask"), unknown);
    }
}
