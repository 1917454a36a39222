package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.gguf.MicroLlama;
import dev.demur.llama.internal.UnknownTemplate;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        assertEquals(
                "jinja", json.getAsJsonObject("chatTemplate").get("renderer").getAsString());
        assertTrue(json.getAsJsonObject("vocabulary").get("size").getAsInt() > 0);
    }

    @Test
    void who_renders_a_template_is_told_of_one_that_llama_does_not_know(@TempDir Path folder) {
        Path file = MicroLlama.bytePair(1)
                .string("tokenizer.chat_template", UnknownTemplate.TEXT)
                .write(folder.resolve("unknown.gguf"));
        CommandRun run = CommandRun.of("inspect", file.toString());
        assertEquals(0, run.status(), run.err());
        assertTrue(run.out().contains("rendered by: jinja"), run.out());
        JsonObject json = JsonParser.parseString(
                        CommandRun.of("inspect", "--json", file.toString()).out())
                .getAsJsonObject();
        assertEquals(
                "jinja", json.getAsJsonObject("chatTemplate").get("renderer").getAsString());
    }

    @Test
    void a_template_that_nothing_can_render_is_told_with_the_reason(@TempDir Path folder) {
        Path file = MicroLlama.bytePair(1)
                .string("tokenizer.chat_template", "{% include 'x' %}")
                .write(folder.resolve("broken.gguf"));
        CommandRun run = CommandRun.of("inspect", file.toString());
        assertEquals(0, run.status(), run.err());
        assertTrue(run.out().contains("rendered by: not known, the model's chat template"), run.out());
        JsonObject json = JsonParser.parseString(
                        CommandRun.of("inspect", "--json", file.toString()).out())
                .getAsJsonObject();
        assertTrue(json.getAsJsonObject("chatTemplate").get("renderer").isJsonNull());
        assertTrue(
                json.getAsJsonArray("warnings").toString().contains("cannot be told: chat template, line 1"),
                json.toString());
    }
}
