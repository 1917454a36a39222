package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.gguf.MicroGuards;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames and a deciding model in the commands. */
class WordsIT {

    private static final String MODEL = "models/demur-tiny.gguf";
    private static final String PROMPT = "How do I boil an egg?";

    @TempDir
    static Path folder;

    private static String guard;

    @BeforeAll
    static void write() {
        guard = MicroGuards.qwen3Guard()
                .model()
                .write(folder.resolve("guard.gguf"))
                .toString();
    }

    private static List<String> guarded(String command, String... more) {
        List<String> args = new ArrayList<>(
                List.of(command, "--model", MODEL, "--decider", guard, "--readout", "qwen3guard-strict"));
        args.addAll(List.of(more));
        return args;
    }

    private static CommandRun run(List<String> args) {
        return CommandRun.of(args.toArray(String[]::new));
    }

    @Test
    void ask_says_what_a_guard_decided_and_refuses_in_plain_words() {
        CommandRun run = run(guarded("ask", "--json", "--threshold", "unsafe=0.4", PROMPT));
        assertEquals(0, run.status(), run.err());
        JsonObject answer = JsonParser.parseString(run.out()).getAsJsonObject();
        assertEquals("words", answer.getAsJsonObject("readout").get("kind").getAsString());
        assertEquals(0.5, answer.getAsJsonObject("probabilities").get("unsafe").getAsDouble(), 2e-3);
        assertTrue(answer.get("coverage").getAsDouble() > 0.99, run.out());
        assertEquals(
                "I will not help with that, because it could do harm.",
                answer.get("text").getAsString());
        assertEquals("fixed-reply", answer.get("finishReason").getAsString());
    }

    @Test
    void why_says_which_readout_spoke_and_in_which_model() {
        List<String> args = guarded("chat", "--threshold", "unsafe=0.4");
        CommandRun run = CommandRun.withInput(
                (PROMPT + "\n/why\n").getBytes(StandardCharsets.UTF_8), args.toArray(String[]::new));
        assertEquals(0, run.status(), run.err());
        assertTrue(
                run.err().contains("(read by words, asked by the frame qwen3guard-strict, in guard.gguf)"), run.err());
    }

    @Test
    void doctor_and_inspect_tell_of_the_frame() {
        CommandRun doctor = run(guarded("doctor"));
        assertEquals(0, doctor.status(), doctor.out() + doctor.err());
        assertTrue(doctor.out().contains("words, asked by the frame qwen3guard-strict, in guard.gguf"), doctor.out());
        CommandRun inspect = CommandRun.of("inspect", guard, "--readout", "llama-guard", "--json");
        assertEquals(0, inspect.status(), inspect.err());
        JsonObject frame =
                JsonParser.parseString(inspect.out()).getAsJsonObject().getAsJsonObject("frame");
        assertEquals("llama-guard", frame.get("name").getAsString());
        assertEquals(14, frame.getAsJsonArray("categories").size());
    }

    @Test
    void scores_by_a_frame_are_calibrated_and_evaluated_and_known_by_it() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 70; i++) {
            rows.append("{\"id\": \"")
                    .append(i)
                    .append("\", \"prompt\": \"Question ")
                    .append(i);
            rows.append(" of many\", \"category\": \"unsafe\", \"expected\": \"")
                    .append(i < 65 ? "respond" : "refuse")
                    .append("\"}\n");
        }
        Path data = Files.writeString(folder.resolve("data.jsonl"), rows);
        String scores = folder.resolve("scores.jsonl").toString();
        String policy = folder.resolve("policy.json").toString();
        CommandRun score = run(guarded("score", "--data", data.toString(), "--out", scores));
        assertEquals(0, score.status(), score.err());
        JsonObject row = JsonParser.parseString(
                        Files.readAllLines(Path.of(scores)).get(0))
                .getAsJsonObject();
        assertTrue(row.get("coverage").getAsDouble() > 0.99, row.toString());
        CommandRun calibrate = CommandRun.of(
                "calibrate",
                "--scores",
                scores,
                "--target-false-refusal",
                "0.05",
                "--out",
                policy,
                "--readout",
                "qwen3guard-strict",
                "--decider",
                guard,
                "--keep-unpromised");
        assertEquals(0, calibrate.status(), calibrate.err());
        CommandRun eval =
                CommandRun.of("eval", "--scores", scores, "--policy", policy, "--readout", "qwen3guard-strict");
        assertEquals(0, eval.status(), eval.err());
        CommandRun other = CommandRun.of("eval", "--scores", scores, "--policy", policy, "--readout", "qwen3guard");
        assertEquals(1, other.status());
        assertTrue(other.err().contains("score the prompts with that one"), other.err());
        CommandRun model = CommandRun.of("eval", "--scores", scores, "--policy", policy, "--decider", MODEL);
        assertEquals(1, model.status());
        assertTrue(model.err().contains("is of another model"), model.err());
        CommandRun tokens = CommandRun.of("ask", "--model", MODEL, "--policy", policy, PROMPT);
        assertEquals(1, tokens.status());
        assertTrue(tokens.err().contains("\"unsafe\" is not a category of this model"), tokens.err());
    }

    @Test
    void a_frame_that_is_none_is_an_error_in_a_line() throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.json"), "{\"version\": 1}");
        CommandRun run = CommandRun.of("ask", "--model", MODEL, "--readout", broken.toString(), PROMPT);
        assertEquals(1, run.status());
        assertEquals(1, run.errLines().size(), run.err());
        assertTrue(run.err().contains("broken.json: name: is missing"), run.err());
    }

    @Test
    void template_variables_are_checked() {
        CommandRun twice =
                CommandRun.of("ask", "--model", MODEL, "--template-var", "a=1", "--template-var", "a=2", PROMPT);
        assertEquals(2, twice.status());
        assertTrue(twice.err().contains("--template-var a is given twice"), twice.err());
        CommandRun own = CommandRun.of("ask", "--model", MODEL, "--template-var", "messages=1", PROMPT);
        assertEquals(2, own.status());
        CommandRun given = CommandRun.of(
                "ask", "--model", MODEL, "--template-var", "enable_thinking=false", "--max-tokens", "1", PROMPT);
        assertEquals(0, given.status(), given.err());
    }
}
