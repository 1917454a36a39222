package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import org.junit.jupiter.api.Test;

class InspectIT {

    private static final String MODEL = "models/demur-tiny.gguf";

    @Test
    void a_person_sees_architecture_vocabulary_control_tokens_and_template() {
        CommandRun run = CommandRun.of("inspect", MODEL);
        assertEquals(0, run.status(), run.err());
        assertEquals("", run.err());
        for (String part : List.of(
                "demur-tiny.gguf",
                "Architecture",
                "llama",
                "Vocabulary",
                "[Requests with safety concerns], token ",
                "[respond]",
                "CONTROL",
                "Chat template")) {
            assertTrue(run.out().contains(part), part + " in " + run.out());
        }
    }

    @Test
    void a_program_gets_the_same_as_one_object() {
        CommandRun run = CommandRun.of("inspect", "--json", MODEL);
        assertEquals(0, run.status(), run.err());
        JsonObject json = JsonParser.parseString(run.out()).getAsJsonObject();
        assertEquals("llama", json.get("architecture").getAsString());
        JsonObject controlTokens = json.getAsJsonObject("controlTokens");
        assertEquals("keys", controlTokens.get("source").getAsString());
        assertEquals(5, controlTokens.getAsJsonArray("categories").size());
        JsonObject safety = controlTokens.getAsJsonArray("categories").get(3).getAsJsonObject();
        assertEquals("safety", safety.get("id").getAsString());
        assertEquals("[Requests with safety concerns]", safety.get("tokenText").getAsString());
        assertEquals("CONTROL", safety.get("type").getAsString());
        assertEquals(
                "[respond]",
                controlTokens.getAsJsonObject("respond").get("tokenText").getAsString());
        assertTrue(
                json.getAsJsonObject("chatTemplate").get("text").getAsString().contains("<|im_start|>"));
        assertTrue(json.getAsJsonObject("vocabulary").get("size").getAsInt() > 0);
    }
}
