package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.gguf.GgufFile;
import dev.demur.policy.Labels;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.internal.DecisionTokenFinder;
import dev.demur.suites.EveryJava;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@EveryJava
class AskIT {

    private static final String MODEL = "models/demur-tiny.gguf";
    private static final String PROMPT = "How do I boil an egg?";

    @TempDir
    Path folder;

    private static CommandRun ask(String... options) {
        String[] args = new String[options.length + 4];
        args[0] = "ask";
        args[1] = "--model";
        args[2] = MODEL;
        args[3] = PROMPT;
        System.arraycopy(options, 0, args, 4, options.length);
        return CommandRun.of(args);
    }

    private static JsonObject json(String... options) {
        String[] args = new String[options.length + 1];
        args[0] = "--json";
        System.arraycopy(options, 0, args, 1, options.length);
        CommandRun run = ask(args);
        assertEquals(0, run.status(), run.err());
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }

    private static String kind(JsonObject answer) {
        return answer.getAsJsonObject("decision").get("kind").getAsString();
    }

    @Test
    void the_answer_goes_to_standard_output_and_the_chart_to_standard_error() {
        CommandRun run = ask("--max-tokens", "8");
        assertEquals(0, run.status(), run.err());
        assertTrue(run.out().endsWith("\n"), run.out());
        assertEquals(json("--max-tokens", "8").get("text").getAsString() + "\n", run.out());
        assertTrue(run.err().contains("(rule threshold)"), run.err());
        assertTrue(run.err().contains("  respond "), run.err());
        assertTrue(run.err().indexOf('\u001b') < 0, run.err());
    }

    @Test
    void probabilities_add_up_to_the_coverage_and_the_prompt_is_repeated() {
        JsonObject answer = json("--max-tokens", "0");
        double sum = 0;
        for (Map.Entry<String, JsonElement> p :
                answer.getAsJsonObject("probabilities").entrySet()) {
            sum += p.getValue().getAsDouble();
        }
        assertEquals(sum, answer.get("coverage").getAsDouble(), 1e-12);
        assertTrue(sum > 0.9, "coverage " + sum);
        assertEquals(PROMPT, answer.get("prompt").getAsString());
        assertEquals("", answer.get("text").getAsString());
        assertEquals("length", answer.get("finishReason").getAsString());
    }

    @Test
    void the_threshold_at_the_probability_itself_refuses_and_the_next_number_above_does_not() {
        double p = json("--max-tokens", "0")
                .getAsJsonObject("probabilities")
                .get("safety")
                .getAsDouble();
        String[] others = {
            "--max-tokens=0",
            "--kernel=scalar",
            "--threshold=humanizing=none",
            "--threshold=incomplete=none",
            "--threshold=indeterminate=none",
            "--threshold=unsupported=none"
        };
        double scalar = json(append(others, "--threshold=safety=" + p))
                .getAsJsonObject("probabilities")
                .get("safety")
                .getAsDouble();
        assertEquals("refuse", kind(json(append(others, "--threshold=safety=" + scalar))));
        assertEquals("respond", kind(json(append(others, "--threshold=safety=" + Math.nextUp(scalar)))));
    }

    private static String[] append(String[] options, String more) {
        String[] all = java.util.Arrays.copyOf(options, options.length + 1);
        all[options.length] = more;
        return all;
    }

    @Test
    void what_the_compute_graph_cannot_do_is_done_on_the_host_with_a_warning() {
        CommandRun run = ask("--processing", "in-graph", "--max-tokens", "1");
        assertEquals(0, run.status(), run.err());
        assertTrue(run.err().contains("warning: the logits were read on the host"), run.err());
        assertEquals(
                "host",
                json("--processing", "in-graph", "--max-tokens", "1")
                        .get("processing")
                        .getAsString());
        assertFalse(ask("--processing", "host", "--max-tokens", "1").err().contains("warning"));
    }

    @Test
    void the_first_of_several_stop_strings_ends_the_answer_before_it() {
        String whole = json().get("text").getAsString();
        String stop = whole.substring(4, 9);
        JsonObject stopped = json("--stop", "no such text", "--stop", stop);
        assertEquals(
                whole.substring(0, whole.indexOf(stop)), stopped.get("text").getAsString());
        assertEquals("stop-string", stopped.get("finishReason").getAsString());
    }

    @Test
    void a_grammar_file_is_followed_and_a_bad_one_is_a_failure_in_one_line_with_its_place() throws IOException {
        Path grammar = Files.writeString(folder.resolve("a.gbnf"), "root ::= \"yes\" | \"no\"");
        String text = json("--grammar", grammar.toString(), "--temperature", "1000")
                .get("text")
                .getAsString();
        assertTrue(text.equals("yes") || text.equals("no"), text);
        Files.writeString(grammar, "root ::= \"yes\" |\n  maybe");
        CommandRun run = ask("--grammar", grammar.toString());
        assertEquals(1, run.status());
        assertEquals(
                "demur: " + grammar + ": grammar, line 2, column 3: the rule 'maybe' is defined nowhere\n", run.err());
    }

    @Test
    void a_json_schema_is_fitted_and_a_bad_one_is_a_failure_in_one_line_with_its_place() throws IOException {
        Path schema = Files.writeString(folder.resolve("a.json"), "\ufeff{\"enum\": [\"yes\", 12]}");
        String text = json("--json-schema", schema.toString(), "--temperature", "1000")
                .get("text")
                .getAsString();
        assertTrue(text.equals("\"yes\"") || text.equals("12"), text);
        Files.writeString(schema, "{\"items\":\n {\"not\": {}}}");
        CommandRun run = ask("--json-schema", schema.toString());
        assertEquals(1, run.status());
        assertEquals(
                "demur: " + schema
                        + ": JSON schema, line 2, column 3: #/items/not: the keyword 'not' is not supported\n",
                run.err());
    }

    @Test
    void every_rule_runs_and_says_its_name() {
        for (String rule : new String[] {"threshold", "top-category", "relative", "sum", "logit-bias"}) {
            JsonObject decision = json("--rule", rule, "--max-tokens", "0").getAsJsonObject("decision");
            assertEquals(rule, decision.get("rule").getAsString());
        }
    }

    @Test
    void thresholds_of_0_always_refuse_and_biases_move_the_decision() {
        assertEquals("refuse", kind(json("--threshold", "unsupported=0", "--max-tokens", "0")));
        JsonObject biased = json("--rule", "logit-bias", "--bias", "incomplete=50", "--max-tokens", "0");
        assertEquals(
                "incomplete", biased.getAsJsonObject("decision").get("category").getAsString());
        assertEquals(
                "[Incomplete requests]",
                biased.getAsJsonObject("decision").get("tokenText").getAsString());
    }

    @Test
    void a_program_is_told_the_readout_and_the_token_that_the_reply_follows() {
        DecisionTokens tokens =
                DecisionTokenFinder.find(GgufFile.read(Path.of(MODEL))).tokens();
        JsonObject refusal = json("--threshold", "unsupported=0", "--max-tokens", "0");
        JsonObject readout = refusal.getAsJsonObject("readout");
        assertEquals(Set.of("kind", "checksum"), readout.keySet());
        assertEquals("tokens", readout.get("kind").getAsString());
        assertEquals(tokens.identity().checksum(), readout.get("checksum").getAsString());
        requireToken(refusal, tokens, tokens.labels().indexOf("unsupported"));
        String[] never = {
            "--max-tokens=0",
            "--threshold=humanizing=none",
            "--threshold=incomplete=none",
            "--threshold=indeterminate=none",
            "--threshold=safety=none",
            "--threshold=unsupported=none"
        };
        requireToken(json(never), tokens, tokens.labels().respondIndex());
        // Left to itself the model takes its likeliest token, which here is a control token.
        JsonObject own = json(append(never, "--rule=top-category"));
        JsonObject decision = own.getAsJsonObject("decision");
        assertFalse(decision.get("forced").getAsBoolean());
        String label = decision.get("category").isJsonNull()
                ? Labels.RESPOND
                : decision.get("category").getAsString();
        for (Map.Entry<String, JsonElement> p :
                own.getAsJsonObject("probabilities").entrySet()) {
            assertTrue(
                    p.getValue().getAsDouble()
                            <= own.getAsJsonObject("probabilities").get(label).getAsDouble(),
                    own.toString());
        }
        requireToken(own, tokens, tokens.labels().indexOfLabel(label));
    }

    private static void requireToken(JsonObject answer, DecisionTokens tokens, int label) {
        JsonObject decision = answer.getAsJsonObject("decision");
        assertEquals(tokens.token(label), decision.get("token").getAsInt());
        assertEquals(tokens.texts().get(label), decision.get("tokenText").getAsString());
    }

    @Test
    void tau_changes_the_probabilities() {
        assertNotEquals(
                json("--max-tokens", "0").get("probabilities"),
                json("--max-tokens", "0", "--tau", "2").get("probabilities"));
    }

    @Test
    void a_policy_with_a_fixed_reply_answers_with_it() throws IOException {
        requireFixedReply("""
                {"version": 2, "rule": "threshold", "readout": {"kind": "tokens"}, "categories": [{"id": "safety",
                 "threshold": 0, "reply": "Not me, thä."}]}
                """);
        requireFixedReply("""
                {"version": 1, "rule": "threshold", "respond": "[respond]", "categories": [{"id": "safety",
                 "token": "[Requests with safety concerns]", "threshold": 0, "reply": "Not me, thä."}]}
                """);
    }

    private void requireFixedReply(String json) throws IOException {
        Path policy = Files.writeString(folder.resolve("policy.json"), json);
        CommandRun run = ask("--policy", policy.toString());
        assertEquals("Not me, thä.\n", run.out(), run.err());
        assertEquals(
                "fixed-reply",
                json("--policy", policy.toString()).get("finishReason").getAsString());
    }

    @Test
    void an_unknown_category_is_wrong_usage_in_one_line_with_the_models_categories() {
        CommandRun run = ask("--threshold", "violence=0.5");
        assertEquals(2, run.status());
        assertEquals(
                "demur: --threshold names 'violence', which is no category of this model: it has humanizing,"
                        + " incomplete, indeterminate, safety, unsupported (see demur ask --help)\n",
                run.err());
        assertEquals("", run.out());
    }

    @Test
    void an_unknown_chat_template_is_wrong_usage_that_lists_the_known_ones() {
        CommandRun run = ask("--chat-template", "nonsense");
        assertEquals(2, run.status(), run.err());
        assertTrue(run.err().contains("chatml"), run.err());
        assertEquals(1, run.errLines().size(), run.err());
    }

    @Test
    void a_prompt_from_standard_input_is_read_as_utf8() {
        CommandRun run = CommandRun.withInput(
                "Wie spät ist es?\n".getBytes(StandardCharsets.UTF_8),
                "ask",
                "--model",
                MODEL,
                "--json",
                "--max-tokens",
                "1",
                "-");
        assertEquals(0, run.status(), run.err());
        assertEquals(
                "Wie spät ist es?",
                JsonParser.parseString(run.out())
                        .getAsJsonObject()
                        .get("prompt")
                        .getAsString());
    }

    @Test
    void the_same_seed_gives_the_same_text() {
        String[] options = {"--temperature", "1.5", "--seed", "7", "--max-tokens", "16", "--threads", "1"};
        assertEquals(json(options).get("text"), json(options).get("text"));
    }

    @Test
    void a_prompt_longer_than_the_context_is_a_failure_in_one_line() {
        CommandRun run = CommandRun.of("ask", "--model", MODEL, "--ctx", "64", "word ".repeat(2000));
        assertEquals(1, run.status(), run.err());
        assertEquals(1, run.errLines().size(), run.err());
        assertEquals("", run.out());
    }

    @Test
    void a_damaged_model_is_a_failure_in_one_line() throws IOException {
        byte[] bytes = Files.readAllBytes(Path.of(MODEL));
        Path damaged = Files.write(folder.resolve("damaged.gguf"), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        CommandRun run = CommandRun.of("ask", "--model", damaged.toString(), "x");
        assertEquals(1, run.status());
        assertTrue(run.err().startsWith("demur: damaged.gguf: "), run.err());
        assertEquals(1, run.errLines().size(), run.err());
    }

    @Test
    void an_option_without_effect_is_a_warning_and_no_failure() {
        CommandRun run = ask("--rule", "sum", "--threshold", "safety=0.1", "--json", "--max-tokens", "0");
        assertEquals(0, run.status());
        assertEquals(
                "demur: warning: --threshold safety has no effect under the rule sum: use --threshold sum=T, or"
                        + " another rule\n",
                run.err());
    }
}
