package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.bindings.NativeLibraries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code doctor} says of the llama.cpp libraries that it finds. */
class LlamaCandidatesIT {

    private static final String MODEL = "models/demur-tiny.gguf";

    @TempDir
    Path folder;

    private static JsonObject json(CommandRun run) {
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }

    private static JsonObject candidate(CommandRun run, boolean used) {
        for (JsonElement element : json(run).getAsJsonObject("llama").getAsJsonArray("candidates")) {
            JsonObject candidate = element.getAsJsonObject();
            if (candidate.get("used").getAsBoolean() == used
                    && (used || candidate.get("origin").getAsString().contains("artifact"))) {
                return candidate;
            }
        }
        throw new AssertionError(run.out());
    }

    @Test
    void the_one_in_use_is_listed_with_its_devices() {
        CommandRun run = CommandRun.of("doctor", "--json", "--model", MODEL);
        JsonObject used = candidate(run, true);
        assertTrue(used.get("usable").getAsBoolean(), run.out());
        assertEquals("old", used.get("abi").getAsString());
        assertFalse(used.getAsJsonArray("devices").isEmpty());
        assertFalse(used.get("newerThanTested").getAsBoolean());
    }

    @Test
    void a_library_that_is_no_llama_cpp_is_rejected_with_what_it_lacks_and_the_others_are_still_listed() {
        String library = NativeLibraries.libdemur().toString();
        CommandRun run = CommandRun.of("doctor", "--json", "--model", MODEL, "--llama", library);
        assertEquals(1, run.status());
        JsonObject used = candidate(run, true);
        assertFalse(used.get("usable").getAsBoolean());
        assertTrue(used.get("problem").getAsString().contains("it does not export llama_"), run.out());
        assertTrue(candidate(run, false).get("usable").getAsBoolean(), run.out());
        assertTrue(run.err().contains("llama_"), run.err());
    }

    @Test
    void a_library_that_ends_the_process_is_told_and_ends_no_other() throws IOException, InterruptedException {
        Path source = Files.writeString(
                folder.resolve("killer.c"),
                "#include <stdlib.h>\n__attribute__((constructor)) static void end(void) { abort(); }\n");
        Path library = folder.resolve("libllama.so");
        Process compiler = new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString())
                .inheritIO()
                .start();
        assertEquals(0, compiler.waitFor());
        CommandRun run = CommandRun.of("doctor", "--json", "--model", MODEL, "--llama", folder.toString());
        assertEquals(1, run.status());
        assertTrue(
                candidate(run, true).get("problem").getAsString().contains("opening it ends the process (status 134)"),
                run.out());
        assertTrue(run.err().contains("ends the process"), run.err());
        assertEquals(1, json(run).getAsJsonArray("problems").size(), run.out());
        assertTrue(candidate(run, false).get("usable").getAsBoolean(), run.out());
    }
}
