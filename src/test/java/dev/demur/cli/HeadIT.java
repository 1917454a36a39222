package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.LoadOptions;
import dev.demur.RandomHead;
import dev.demur.gguf.GgufFile;
import dev.demur.llama.HiddenState;
import dev.demur.llama.HiddenState.Pooling;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.Head;
import dev.demur.readout.Wording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a model with a head beside it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HeadIT {

    private static final Labels LABELS = new Labels(List.of(new Category("a", "A"), new Category("b", "B")));

    private String model;
    private Path head;

    @BeforeAll
    void makeHead(@TempDir Path folder) throws IOException {
        Path copied = Files.copy(Path.of("models", "demur-tiny.gguf"), folder.resolve("any.gguf"));
        head = folder.resolve("any.head.gguf");
        RefusalPolicy policy =
                RefusalPolicy.defaults(LABELS, null, Rule.THRESHOLD).withThreshold("a", 0.25);
        RandomHead.of(
                        GgufFile.read(copied),
                        LoadOptions.DEFAULTS,
                        LABELS,
                        List.of(new HiddenState(0, Pooling.MEAN), new HiddenState(1, Pooling.LAST)),
                        Head.Sees.MESSAGE,
                        Wording.AS_WRITTEN,
                        policy)
                .write(head);
        model = copied.toString();
    }

    @Test
    void inspect_shows_the_head_of_a_model_and_the_head_file() {
        CommandRun run = CommandRun.of("inspect", model);
        assertEquals(0, run.status(), run.err());
        for (String part : List.of(
                "any.head.gguf: decides between a, b and respond",
                "block 0 (mean), block 1 (last)",
                "thresholds: a 0.25, b 0.5")) {
            assertTrue(run.out().contains(part), part + " in " + run.out());
        }
        CommandRun alone = CommandRun.of("inspect", "--json", head.toString());
        assertEquals(0, alone.status(), alone.err());
        JsonObject shown = JsonParser.parseString(alone.out()).getAsJsonObject().getAsJsonObject("head");
        assertEquals("Tiny", shown.get("modelName").getAsString());
        assertEquals(0.5, shown.getAsJsonObject("validation").get("auc").getAsDouble());
    }

    @Test
    void ask_score_policy_and_doctor_use_it_and_tokens_can_be_named_instead() {
        CommandRun asked = CommandRun.of("ask", "--model", model, "--max-tokens", "2", "--json", "Hello");
        assertEquals(0, asked.status(), asked.err());
        assertTrue(asked.out().contains("\"a\"") && !asked.out().contains("safety"), asked.out());
        CommandRun policy = CommandRun.of("policy", "--model", model);
        assertTrue(policy.out().contains("0.25"), policy.out() + policy.err());
        CommandRun doctor = CommandRun.of("doctor", "--model", model);
        assertTrue(doctor.out().contains("head, over the model's hidden states"), doctor.out());
        CommandRun tokens =
                CommandRun.of("ask", "--model", model, "--readout", "tokens", "--max-tokens", "2", "--json", "Hello");
        assertEquals(0, tokens.status(), tokens.err());
        assertTrue(tokens.out().contains("safety"), tokens.out());
    }

    @Test
    void what_a_head_was_not_fitted_on_is_a_warning_in_every_command(@TempDir Path folder) throws Exception {
        byte[] weights = Files.readAllBytes(Path.of(model));
        weights[weights.length - 1] ^= 1; // as quantising again would change them
        Path other = Files.write(folder.resolve("other.gguf"), weights);
        Process score = CommandRun.start(
                folder,
                "score",
                "--model",
                other.toString(),
                "--readout",
                head.toString(),
                "--data",
                "examples/prompts.jsonl",
                "--any-category",
                "--out",
                folder.resolve("scores.jsonl").toString());
        int status = score.waitFor();
        String said = Files.readString(folder.resolve("err.txt"));
        assertEquals(0, status, said);
        assertTrue(
                said.contains("demur: warning: any.head.gguf was fitted on another quantisation of this model"), said);
        Process fitting = CommandRun.start(folder, "ask", "--model", model, "--max-tokens", "1", "Hello");
        assertEquals(0, fitting.waitFor());
        assertFalse(Files.readString(folder.resolve("err.txt")).contains("quantisation"), "it fits");
    }

    @Test
    void a_readout_that_is_not_there_or_none_is_an_error_in_a_sentence() {
        CommandRun missing = CommandRun.of("ask", "--model", model, "--readout", "nowhere.gguf", "Hello");
        assertEquals(1, missing.status());
        assertTrue(missing.err().contains("nowhere.gguf"), missing.err());
        CommandRun none = CommandRun.of("ask", "--model", model, "--readout", model, "Hello");
        assertEquals(1, none.status());
        assertTrue(none.err().contains("any.gguf: holds no head"), none.err());
        assertFalse(none.err().contains("\tat "), none.err());
    }
}
