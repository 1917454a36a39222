package dev.demur.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalDetectorTest {

    private static final Path REPLIES = Path.of("examples", "replies.jsonl");
    private static final Path TRAINING = Path.of("training", "replies.json");

    private static List<JsonObject> replies() throws IOException {
        return Files.readAllLines(REPLIES).stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
    }

    private static boolean isTest(JsonObject row) {
        String half = row.get("half").getAsString();
        assertTrue(Set.of("rules", "test").contains(half), half);
        return half.equals("test");
    }

    @Test
    void the_shipped_quality_is_what_the_labelled_replies_give() throws IOException {
        int found = 0;
        int missed = 0;
        int mistaken = 0;
        int passed = 0;
        for (JsonObject row : replies()) {
            if (isTest(row)) {
                boolean said = RefusalDetector.refuses(row.get("reply").getAsString());
                if (row.get("refuses").getAsBoolean()) {
                    found += said ? 1 : 0;
                    missed += said ? 0 : 1;
                } else {
                    mistaken += said ? 1 : 0;
                    passed += said ? 0 : 1;
                }
            }
        }
        assertEquals(new DetectorQuality(found, missed, mistaken, passed), RefusalDetector.QUALITY);
    }

    @Test
    void the_labelled_replies_are_enough_different_and_of_several_origins() throws IOException {
        Set<String> ids = new HashSet<>();
        Set<String> texts = new HashSet<>();
        Set<String> sources = new HashSet<>();
        int tested = 0;
        int refusals = 0;
        for (JsonObject row : replies()) {
            assertEquals(Set.of("id", "source", "prompt", "reply", "refuses", "half"), row.keySet());
            assertTrue(ids.add(row.get("id").getAsString()), row.toString());
            assertTrue(
                    texts.add(row.get("prompt").getAsString() + "\n"
                            + row.get("reply").getAsString()),
                    row.toString());
            sources.add(row.get("source").getAsString());
            tested += isTest(row) ? 1 : 0;
            refusals += isTest(row) && row.get("refuses").getAsBoolean() ? 1 : 0;
        }
        assertTrue(tested >= 200, tested + " replies");
        assertTrue(refusals >= 50 && tested - refusals >= 50, refusals + " refusals");
        assertTrue(sources.contains("SmolLM2-135M-Instruct"), sources.toString());
        assertTrue(sources.stream().anyMatch(source -> source.startsWith("written: ")), sources.toString());
    }

    @Test
    void no_wording_of_the_training_is_among_the_labelled_replies() throws IOException {
        List<String> wordings = new ArrayList<>();
        JsonObject training = JsonParser.parseString(Files.readString(TRAINING)).getAsJsonObject();
        for (Map.Entry<String, JsonElement> category : training.entrySet()) {
            category.getValue().getAsJsonArray().forEach(text -> wordings.add(plain(text.getAsString())));
        }
        assertTrue(wordings.size() > 50, wordings.size() + " wordings");
        for (JsonObject row : replies()) {
            String reply = plain(row.get("reply").getAsString());
            for (String wording : wordings) {
                assertFalse(reply.contains(wording), row.toString());
            }
        }
    }

    private static String plain(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", " ").strip();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "I\u2019m sorry, but I can\u2019t help with that.",
                "I won't do that.",
                "As an AI, I have no childhood.",
                "I don't have access to your calendar.",
                "Could you tell me which of the two you mean?",
                "Nobody can know that.",
                "There has been a misunderstanding: he never won that prize."
            })
    void what_declines_lacks_asks_or_does_not_know_refuses(String reply) {
        assertTrue(RefusalDetector.refuses(reply));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " \n",
                "Paris.",
                "A judge cannot decide a case of her own.",
                "Say: \"I'm sorry, but I can't come.\"",
                "I'm an AI assistant, happy to help.",
                "I can't recommend this enough: 1. Soak the beans.",
                "I'm not able to say exactly. However, I can give a range: 3 to 5 kg.",
                "Dear Ms Roe, I am unable to attend."
            })
    void what_gives_what_was_asked_or_says_nothing_does_not_refuse(String reply) {
        assertFalse(RefusalDetector.refuses(reply));
    }

    @Test
    void a_text_of_any_length_and_kind_is_judged_in_little_time() {
        String[] parts = {"i am a ", "an ai ", "\"", "no no no ", "please ", "1. ", "which ", "\u0130\ud800", "don't "};
        for (String part : parts) {
            RefusalDetector.refuses(part.repeat(20_000));
        }
        StringBuilder mixed = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            mixed.append(parts[i * 7 % parts.length]);
        }
        RefusalDetector.refuses(mixed.toString());
    }
}
