package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.calibration.Promise;
import dev.demur.gguf.GgufBuilder;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.MicroLlama;
import dev.demur.policy.Calibration;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Preset;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PresetTest {

    private static final String TINY = "models/demur-tiny.gguf";

    @TempDir
    private Path folder;

    /** A policy that promises a joint false refusal rate, as calibrate writes it. */
    static String policy(double threshold, double promised) {
        RefusalPolicy policy = RefusalPolicy.defaults(PaperTokens.CATEGORIES.labels(), null, Rule.THRESHOLD);
        for (String id : new String[] {"humanizing", "incomplete", "indeterminate", "safety", "unsupported"}) {
            policy = policy.withThreshold(id, threshold);
        }
        JsonObject note = JsonParser.parseString(
                        "{\"objective\": \"false-refusal\", \"confidence\": 0.95, \"jointBound\": " + promised + "}")
                .getAsJsonObject();
        note.addProperty("policyHash", policy.checksum());
        return PolicyFile.write(policy.withCalibration(Calibration.parse(note.toString())));
    }

    private Path model(String... keysAndPolicies) throws IOException {
        GgufBuilder builder = MicroLlama.bytePair(1);
        for (int i = 0; i < keysAndPolicies.length; i += 2) {
            builder.string(keysAndPolicies[i], keysAndPolicies[i + 1]);
        }
        return Files.write(folder.resolve("micro" + keysAndPolicies.length + ".gguf"), builder.build());
    }

    private Path withAll() throws IOException {
        return model(
                "demur.policy",
                policy(0.4, 0.05),
                "demur.policy.strict",
                policy(0.2, 0.2),
                "demur.policy.permissive",
                policy(0.8, 0.01));
    }

    @Test
    void an_option_picks_the_preset() throws IOException {
        String model = withAll().toString();
        for (String[] preset : new String[][] {{"strict", "0.2"}, {"balanced", "0.4"}, {"permissive", "0.8"}}) {
            CommandRun run = CommandRun.of("policy", "--model", model, "--preset", preset[0]);
            assertEquals(0, run.status(), run.err());
            RefusalPolicy policy = PolicyFile.parse(run.out(), "out");
            assertEquals(
                    Double.parseDouble(preset[1]),
                    policy.category("safety").orElseThrow().threshold());
        }
        assertEquals(
                CommandRun.of("policy", "--model", model, "--preset", "balanced")
                        .out(),
                CommandRun.of("policy", "--model", model).out());
    }

    @Test
    void a_model_without_it_says_what_it_comes_with() throws IOException {
        CommandRun none = CommandRun.of("policy", "--model", TINY, "--preset", "strict");
        assertEquals(1, none.status());
        assertEquals(
                "demur: demur-tiny.gguf: has no preset strict (demur.policy.strict): it comes with none\n", none.err());
        Path one = model("demur.policy", policy(0.4, 0.05));
        CommandRun other = CommandRun.of("policy", "--model", one.toString(), "--preset", "permissive");
        assertEquals(1, other.status());
        assertTrue(other.err().endsWith("it comes with balanced\n"), other.err());
        CommandRun typo = CommandRun.of("policy", "--preset", "loose");
        assertEquals(2, typo.status());
        assertTrue(typo.err().contains("--preset is 'loose'"), typo.err());
        CommandRun both = CommandRun.of("policy", "--preset", "strict", "--policy", "p.json");
        assertEquals(2, both.status());
        assertTrue(both.err().contains("--preset and --policy exclude one another"), both.err());
    }

    @Test
    void inspect_lists_them_with_their_promises_and_a_broken_one_is_named() throws IOException {
        CommandRun run = CommandRun.of("inspect", withAll().toString());
        assertEquals(0, run.status(), run.err());
        for (String line : new String[] {
            "strict: refuses at most 20 % of what should be answered, with confidence 95 %",
            "balanced: refuses at most 5 % of what should be answered, with confidence 95 %",
            "permissive: refuses at most 1 % of what should be answered, with confidence 95 %"
        }) {
            assertTrue(run.out().contains(line), run.out());
        }
        CommandRun broken =
                CommandRun.of("inspect", model("demur.policy.strict", "{}").toString());
        assertTrue(broken.out().contains("strict: cannot be used: "), broken::toString);
        assertTrue(CommandRun.of("inspect", TINY).out().contains("Presets"), "none are there, and that is said");
    }

    @Test
    void presets_are_no_part_of_what_a_model_is() throws IOException {
        assertEquals(
                GgufFile.read(model()).fingerprint(), GgufFile.read(withAll()).fingerprint());
    }

    @Test
    void a_preset_with_a_changed_threshold_promises_nothing() {
        RefusalPolicy changed = PolicyFile.parse(policy(0.4, 0.05).replaceFirst("0\\.4", "0.3"), "p");
        assertEquals("promises nothing", Promise.of(changed).statement());
        assertEquals(Preset.STRICT, Preset.of("strict"));
    }
}
