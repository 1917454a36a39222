package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.demur.Demur;
import dev.demur.calibration.Provenance;
import dev.demur.gguf.GgufBuilder;
import dev.demur.gguf.MicroLlama;
import dev.demur.policy.RefusalPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A policy that was calibrated with one thing and is used with another. */
class PolicyProvenanceIT {

    private static final String MODEL = "models/demur-tiny.gguf";

    @TempDir
    private Path folder;

    private Path scores;
    private Path policy;

    @BeforeEach
    void calibrate() throws IOException {
        scores = folder.resolve("s.jsonl");
        policy = folder.resolve("policy.json");
        calibrate(MODEL);
    }

    private void calibrate(String model) throws IOException {
        Path data = folder.resolve("d.jsonl");
        try (Stream<String> lines = Files.lines(Path.of("examples", "prompts.jsonl"))) {
            Files.write(data, lines.limit(24).toList());
        }
        run("score", "--model", model, "--data", data.toString(), "--out", scores.toString());
        run("calibrate", "--scores", scores.toString(), "--max-f1", "--out", policy.toString());
    }

    private static CommandRun run(String... args) {
        CommandRun run = CommandRun.of(args);
        assertEquals(0, run.status(), run.err());
        return run;
    }

    private CommandRun ask(String... more) {
        return CommandRun.of(Stream.concat(
                        Stream.of(
                                "ask", "--model", MODEL, "--policy", policy.toString(), "--max-tokens", "0", "--json"),
                        Stream.concat(Stream.of(more), Stream.of("How do I boil an egg?")))
                .toArray(String[]::new));
    }

    /** As if it had been calibrated so: without the checksum, which tells what was edited. */
    private void note(String field, JsonElement value) throws IOException {
        JsonObject json = JsonParser.parseString(Files.readString(policy)).getAsJsonObject();
        json.getAsJsonObject("calibration").add(field, value);
        json.getAsJsonObject("calibration").remove("noteHash");
        Files.writeString(policy, json.toString());
    }

    private static JsonElement provenance(CommandRun run) {
        assertEquals(0, run.status(), run.err());
        return JsonParser.parseString(run.out()).getAsJsonObject().get("provenance");
    }

    @Test
    void what_was_calibrated_here_is_used_without_a_word() {
        CommandRun run = ask("--strict-policy");
        assertEquals(new JsonArray(), provenance(run));
        assertEquals("", run.err());
        CommandRun changed = ask("--threshold", "safety=0.3");
        assertEquals(1, provenance(changed).getAsJsonArray().size());
        assertTrue(changed.err().contains("it was changed after it was calibrated"), changed.err());
        assertEquals(1, ask("--threshold", "safety=0.3", "--strict-policy").status());
        assertTrue(provenance(CommandRun.of("ask", "--model", MODEL, "--json", "--max-tokens", "0", "x"))
                .isJsonNull());
    }

    @Test
    void a_chat_checks_its_policy_again_when_the_system_message_changes() {
        byte[] lines = "/system Be brief.\nHow do I boil an egg?\n/why\n".getBytes(StandardCharsets.UTF_8);
        CommandRun run = CommandRun.withInput(
                lines, "chat", "--model", MODEL, "--policy", policy.toString(), "--strict-policy", "--max-tokens", "4");
        assertEquals(1, run.status(), run.err());
        assertTrue(run.err().startsWith("demur: " + policy), run.err());
        assertTrue(run.err().contains("(system) was none and is Be brief."), run.err());
        assertEquals(1, run.out().lines().count(), run.out());
    }

    @ParameterizedTest
    @CsvSource({
        "fingerprint, the model (fingerprint) was x and is sha256:",
        "template, the chat template (template) was x and is ",
        "readout, the readout (readout) was x and is tokens ",
        "temperature, the temperature (temperature) was x and is 1.0"
    })
    void a_difference_that_voids_the_promise_is_a_warning_and_under_strict_policy_an_error(String field, String words)
            throws IOException {
        note(field, new JsonPrimitive("x"));
        CommandRun run = ask();
        JsonArray differences = provenance(run).getAsJsonArray();
        assertEquals(1, differences.size(), run.out());
        assertEquals(field, differences.get(0).getAsJsonObject().get("field").getAsString());
        assertTrue(differences.get(0).getAsJsonObject().get("voidsPromise").getAsBoolean());
        assertEquals(1, run.errLines().size(), run.err());
        assertTrue(run.err().startsWith("demur: warning: " + policy + ": its promises do not hold here"), run.err());
        assertTrue(run.err().contains(words), run.err());
        CommandRun strict = ask("--strict-policy");
        assertEquals(1, strict.status());
        assertEquals("", strict.out());
        assertEquals(1, strict.errLines().size(), strict.err());
        assertTrue(strict.err().contains(words), strict.err());
        CommandRun eval = CommandRun.of(
                "eval", "--scores", scores.toString(), "--policy", policy.toString(), "--strict-policy", "--json");
        assertEquals(1, eval.status());
        assertTrue(eval.err().contains(words), eval.err());
    }

    private static JsonObject answer(CommandRun run) {
        assertEquals(0, run.status(), run.err());
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }

    @Test
    void a_policy_of_version_1_decides_as_before_and_the_ids_of_its_calibration_are_those_of_the_readout()
            throws IOException {
        JsonObject expected = answer(ask("--strict-policy"));
        FirstVersion first = FirstVersion.of(Path.of(MODEL));
        first.rewritePolicy(policy);
        CommandRun run = ask("--strict-policy");
        assertEquals("", run.err());
        JsonObject same = answer(run);
        for (String field : List.of("decision", "probabilities", "provenance", "readout")) {
            assertEquals(expected.get(field), same.get(field));
        }
        assertEquals(new JsonArray(), same.get("provenance"));
        run("eval", "--scores", scores.toString(), "--policy", policy.toString(), "--strict-policy");
        run("doctor", "--model", MODEL, "--policy", policy.toString(), "--strict-policy");
    }

    @Test
    void a_policy_of_version_1_that_was_calibrated_on_other_ids_is_a_warning_about_the_readout() throws IOException {
        FirstVersion first = FirstVersion.of(Path.of(MODEL));
        first.rewritePolicy(policy);
        String here = "tokens "
                + answer(ask()).getAsJsonObject("readout").get("checksum").getAsString();
        JsonArray other = first.ids();
        other.set(0, new JsonPrimitive(0));
        note("controlTokens", other);
        CommandRun run = ask();
        JsonArray differences = provenance(run).getAsJsonArray();
        assertEquals(1, differences.size(), run.out());
        JsonObject difference = differences.get(0).getAsJsonObject();
        assertEquals("readout", difference.get("field").getAsString());
        assertEquals(here, difference.get("used").getAsString());
        String calibrated = difference.get("calibrated").getAsString();
        assertTrue(calibrated.matches("tokens [0-9a-f]{16}") && !calibrated.equals(here), calibrated);
        assertTrue(difference.get("voidsPromise").getAsBoolean());
        String words = "the readout (readout) was " + calibrated + " and is " + here;
        assertEquals(1, run.errLines().size(), run.err());
        assertTrue(run.err().startsWith("demur: warning: " + policy + ": its promises do not hold here"), run.err());
        assertTrue(run.err().contains(words), run.err());
        CommandRun strict = ask("--strict-policy");
        assertEquals(1, strict.status());
        assertTrue(strict.err().contains(words), strict.err());
        CommandRun eval = CommandRun.of(
                "eval", "--scores", scores.toString(), "--policy", policy.toString(), "--strict-policy", "--json");
        assertEquals(1, eval.status());
        assertTrue(eval.err().contains(words), eval.err());
    }

    @Test
    void a_policy_that_was_made_for_another_kind_of_readout_is_refused_by_name_wherever_it_is_used()
            throws IOException {
        JsonObject json = JsonParser.parseString(Files.readString(policy)).getAsJsonObject();
        json.getAsJsonObject("readout").addProperty("kind", "head");
        Files.writeString(policy, json.toString());
        String problem =
                policy + ": readout: was made for the readout \"head\", and \"tokens\" is used, whose numbers mean"
                        + " something else";
        for (CommandRun run : List.of(
                ask(),
                CommandRun.withInput(
                        "x\n".getBytes(StandardCharsets.UTF_8),
                        "chat",
                        "--model",
                        MODEL,
                        "--policy",
                        policy.toString()),
                CommandRun.of("eval", "--scores", scores.toString(), "--policy", policy.toString()),
                CommandRun.of(
                        "calibrate",
                        "--scores",
                        scores.toString(),
                        "--policy",
                        policy.toString(),
                        "--max-f1",
                        "--out",
                        folder.resolve("new.json").toString()))) {
            assertEquals(1, run.status(), run.err());
            assertEquals("", run.out());
            assertEquals(1, run.errLines().size(), run.err());
            assertTrue(run.err().startsWith("demur: " + problem), run.err());
        }
        CommandRun doctor = CommandRun.of("doctor", "--model", MODEL, "--policy", policy.toString());
        assertEquals(1, doctor.status(), doctor.out());
        assertTrue((doctor.out() + doctor.err()).contains(problem), doctor.out() + doctor.err());
    }

    @ParameterizedTest
    @CsvSource({"llama, llama.cpp (llama) was x and is ", "device, the device (device) was x and is "})
    void another_llama_or_device_is_a_note_and_only_under_strict_policy_an_error(String field, String words)
            throws IOException {
        note(field, new JsonPrimitive("x"));
        CommandRun run = ask();
        assertEquals("", run.err());
        JsonObject difference = provenance(run).getAsJsonArray().get(0).getAsJsonObject();
        assertEquals(field, difference.get("field").getAsString());
        assertEquals("x", difference.get("calibrated").getAsString());
        assertFalse(difference.get("voidsPromise").getAsBoolean());
        CommandRun strict = ask("--strict-policy");
        assertEquals(1, strict.status());
        assertTrue(strict.err().contains(words), strict.err());
        CommandRun doctor = run("doctor", "--model", MODEL, "--policy", policy.toString());
        assertTrue(doctor.out().contains("note: " + words), doctor.out());
        CommandRun strictDoctor =
                CommandRun.of("doctor", "--model", MODEL, "--policy", policy.toString(), "--strict-policy");
        assertEquals(1, strictDoctor.status());
        assertTrue(strictDoctor.err().contains(words), strictDoctor.err());
    }

    @Test
    void another_tau_on_the_command_line_and_a_system_message_are_told() {
        CommandRun tau = ask("--tau", "2");
        assertTrue(tau.err().contains("the temperature (temperature) was 1.0 and is 2.0"), tau.err());
        CommandRun system = ask("--system", "Be brief.");
        assertEquals("", system.err());
        assertEquals(
                "system",
                provenance(system)
                        .getAsJsonArray()
                        .get(0)
                        .getAsJsonObject()
                        .get("field")
                        .getAsString());
    }

    @Test
    void a_calibrated_policy_inside_the_model_file_applies_and_fits_the_file_that_carries_it() throws IOException {
        GgufBuilder model = MicroLlama.bytePair(1);
        Path plain = model.write(folder.resolve("plain.gguf"));
        Files.delete(scores);
        Files.delete(folder.resolve("s.jsonl.meta.json"));
        calibrate(plain.toString());
        Path carrying = model.string("demur.policy", Files.readString(policy)).write(folder.resolve("carrying.gguf"));
        try (Demur demur = Demur.load(carrying)) {
            RefusalPolicy own = demur.policy();
            Objects.requireNonNull(own.calibration());
            assertEquals(
                    List.of(), Provenance.of(own, demur, null).orElseThrow().differences());
        }
        CommandRun run =
                run("ask", "--model", carrying.toString(), "--json", "--max-tokens", "0", "--strict-policy", "x");
        assertEquals(new JsonArray(), provenance(run));
        CommandRun doctor = run("doctor", "--model", carrying.toString());
        assertTrue(
                doctor.out().contains("the model's own policy: rule threshold, calibrated with what is used here"),
                doctor.out());
        String edited = Files.readString(policy).replaceFirst("\"sumThreshold\": [0-9.]+", "\"sumThreshold\": 0.25");
        Path other = model.string("demur.policy", edited).write(folder.resolve("edited.gguf"));
        CommandRun changed = CommandRun.of("ask", "--model", other.toString(), "--max-tokens", "0", "x");
        assertTrue(changed.err().contains("the model's own policy: its promises do not hold here"), changed.err());
        assertEquals(
                1,
                CommandRun.of("ask", "--model", other.toString(), "--strict-policy", "x")
                        .status());
        CommandRun changedDoctor = run("doctor", "--model", other.toString());
        assertTrue(
                changedDoctor.out().contains("changed after it was calibrated, so it promises nothing"),
                changedDoctor.out());
    }
}
