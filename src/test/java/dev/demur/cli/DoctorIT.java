package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.gguf.MicroLlama;
import dev.demur.llama.internal.UnknownTemplate;
import dev.demur.suites.EveryBinding;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@EveryBinding
class DoctorIT {

    private static final String MODEL = "models/demur-tiny.gguf";

    private static JsonObject json(CommandRun run) {
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }

    @Test
    void where_ask_works_it_says_what_runs_and_why() {
        CommandRun run = CommandRun.of("doctor", "--model", MODEL);
        assertEquals(0, run.status(), run.out() + run.err());
        assertEquals("", run.err());
        for (String part :
                List.of("Java", "Binding", "libdemur", "Kernel", "possible: scalar", "llama.cpp", "Devices", "works")) {
            assertTrue(run.out().contains(part), part + " in " + run.out());
        }
    }

    @Test
    void a_program_gets_the_same_as_one_object() {
        JsonObject json = json(CommandRun.of("doctor", "--json", "--model", MODEL));
        assertTrue(json.get("ok").getAsBoolean());
        assertTrue(List.of("jni", "ffm")
                .contains(json.getAsJsonObject("binding").get("name").getAsString()));
        assertEquals("old", json.getAsJsonObject("llama").get("abi").getAsString());
        assertEquals(
                "scalar",
                json.getAsJsonObject("kernel").getAsJsonArray("possible").get(0).getAsString());
        assertEquals(
                "jinja", json.getAsJsonObject("chatTemplate").get("renderer").getAsString());
        assertFalse(json.getAsJsonArray("devices").isEmpty());
        assertTrue(json.getAsJsonArray("problems").isEmpty());
    }

    @Test
    void a_model_whose_template_llama_does_not_know_works_and_it_is_said(@TempDir Path folder) {
        Path file = MicroLlama.bytePair(1)
                .string("tokenizer.chat_template", UnknownTemplate.TEXT)
                .write(folder.resolve("unknown.gguf"));
        CommandRun run = CommandRun.of("doctor", "--json", "--model", file.toString());
        assertEquals(0, run.status(), run.out() + run.err());
        assertEquals(
                "jinja",
                json(run).getAsJsonObject("chatTemplate").get("renderer").getAsString());
        CommandRun named = CommandRun.of("doctor", "--model", file.toString(), "--chat-template", "chatml");
        assertTrue(named.out().contains("rendered by llama.cpp"), named.out());
    }

    @Test
    void a_template_that_refuses_the_conversation_is_the_problem(@TempDir Path folder) {
        Path file = MicroLlama.bytePair(1)
                .string("tokenizer.chat_template", "{{ raise_exception('Only on Sundays') }}")
                .write(folder.resolve("refusing.gguf"));
        CommandRun run = CommandRun.of("doctor", "--model", file.toString());
        assertEquals(1, run.status());
        assertTrue(run.err().contains("refuses the conversation: Only on Sundays"), run.err());
    }

    @Test
    void a_cap_limits_the_kernel_and_is_shown() {
        System.setProperty("demur.kernel.cap", "scalar");
        try {
            CommandRun run = CommandRun.of("doctor", "--model", MODEL);
            assertTrue(run.out().contains("scalar: the best that this CPU has up to scalar"), run.out());
            JsonObject kernel =
                    json(CommandRun.of("doctor", "--json", "--model", MODEL)).getAsJsonObject("kernel");
            assertEquals("scalar", kernel.get("name").getAsString());
            assertEquals("scalar", kernel.get("cap").getAsString());
        } finally {
            System.clearProperty("demur.kernel.cap");
        }
        JsonObject kernel =
                json(CommandRun.of("doctor", "--json", "--model", MODEL)).getAsJsonObject("kernel");
        assertTrue(kernel.get("cap").isJsonNull());
    }

    @Test
    void a_missing_model_is_told_and_the_rest_is_still_shown() {
        CommandRun run = CommandRun.of("doctor", "--json", "--model", "no-such.gguf");
        assertEquals(1, run.status());
        assertEquals(1, run.errLines().size(), run.err());
        assertTrue(run.err().contains("no-such.gguf"), run.err());
        assertFalse(json(run).get("ok").getAsBoolean());
        assertTrue(json(run).getAsJsonObject("llama").has("abi"));
    }

    @Test
    void a_missing_llama_is_told_and_the_rest_is_still_shown() {
        CommandRun run = CommandRun.of("doctor", "--model", MODEL, "--llama", "no-such-folder");
        assertEquals(1, run.status());
        assertTrue(run.err().contains("no-such-folder"), run.err());
        assertEquals(1, run.errLines().size(), run.err());
        assertTrue(run.out().contains("Kernel"), run.out());
        assertTrue(run.out().contains("fails"), run.out());
    }
}
