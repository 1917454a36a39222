package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.FinishReason;
import dev.demur.Generation;
import dev.demur.Timings;
import dev.demur.cli.ask.AskJson;
import dev.demur.llama.Processing;
import dev.demur.policy.Decision;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.Reading;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.Opening;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AskJsonTest {

    private static final double[] PROBABILITIES = {1e-300, 0.1 + 0.2, Double.MIN_VALUE, 0.6, 1.0 / 3e7, 0.0};

    private static final DecisionTokens TOKENS = PaperTokens.CATEGORIES;
    private static final int SAFETY = 3;

    private static Decision decide(double[] probabilities) {
        return decide(probabilities, PaperTokens.defaults(TOKENS, Rule.THRESHOLD), SAFETY);
    }

    private static Decision decide(double[] probabilities, RefusalPolicy policy, int choice) {
        return policy.decide(Reading.ofProbabilities(TOKENS.labels(), 1, probabilities, choice));
    }

    /** As control tokens open replies; {@code argmax} where the model goes on by itself. */
    private static Opening opening(Decision decision, int argmax) {
        if (decision instanceof Decision.Refuse refuse) {
            return new Opening.Hidden(
                    TOKENS.token(TOKENS.labels().indexOf(refuse.category().id())));
        }
        return decision instanceof Decision.Respond
                ? new Opening.Hidden(TOKENS.token(TOKENS.labels().respondIndex()))
                : new Opening.Written(List.of(argmax, 8));
    }

    private static JsonObject json(Decision decision, String prompt, String text) {
        return json(decision, opening(decision, 7), TOKENS.identity(), prompt, text);
    }

    private static JsonObject json(
            Decision decision, Opening opening, ReadoutIdentity readout, String prompt, String text) {
        Generation generation = new Generation(
                decision,
                opening,
                text,
                FinishReason.STOP,
                new Timings(16, 0, 2_000_000, 4_000_000, 12, 24_000_000),
                Processing.IN_GRAPH);
        String json = AskJson.of(prompt, generation, token -> "[" + token + "]", readout, Optional.empty(), 5_000_000);
        assertEquals(1, json.lines().count(), json);
        return JsonParser.parseString(json).getAsJsonObject();
    }

    @Test
    void a_refusal_has_exactly_the_documented_fields_in_their_order() {
        JsonObject json = json(decide(PROBABILITIES), "a prompt", "Sorry.");
        assertEquals(
                List.of(
                        "prompt",
                        "decision",
                        "probabilities",
                        "coverage",
                        "text",
                        "finishReason",
                        "processing",
                        "readout",
                        "provenance",
                        "timings"),
                List.copyOf(json.keySet()));
        assertEquals(
                "{\"kind\":\"refuse\",\"category\":\"safety\",\"token\":103,\"tokenText\":\"[103]\",\"forced\":true,"
                        + "\"rule\":\"threshold\"}",
                json.get("decision").toString());
        assertEquals(
                List.of("humanizing", "incomplete", "indeterminate", "safety", "unsupported", "respond"),
                List.copyOf(json.getAsJsonObject("probabilities").keySet()));
        assertEquals("a prompt", json.get("prompt").getAsString());
        assertEquals("Sorry.", json.get("text").getAsString());
        assertEquals("stop", json.get("finishReason").getAsString());
        assertEquals("in-graph", json.get("processing").getAsString());
        // printf 100,101,102,103,104,105 | sha256sum
        assertEquals(
                "{\"kind\":\"tokens\",\"checksum\":\"c5340dd6d93bb3ff\"}",
                json.get("readout").toString());
        JsonObject timings = json.getAsJsonObject("timings");
        assertEquals(5, timings.get("loadMilliseconds").getAsDouble());
        assertEquals(2, timings.get("promptMilliseconds").getAsDouble());
        assertEquals(8000, timings.get("promptTokensPerSecond").getAsDouble());
        assertEquals(4, timings.get("firstTokenMilliseconds").getAsDouble());
        assertEquals(500, timings.get("generatedTokensPerSecond").getAsDouble());
    }

    @Test
    void an_answer_has_a_null_category() {
        JsonObject decision =
                json(decide(new double[] {0, 0, 0, 0, 0, 1}), "p", "t").getAsJsonObject("decision");
        assertEquals("respond", decision.get("kind").getAsString());
        assertTrue(decision.has("category") && decision.get("category").isJsonNull());
        assertEquals(105, decision.get("token").getAsInt());
        assertEquals("[105]", decision.get("tokenText").getAsString());
    }

    @Test
    void what_the_model_does_by_itself_has_the_first_token_that_it_writes() {
        RefusalPolicy policy = PaperTokens.defaults(TOKENS, Rule.TOP_CATEGORY).withoutThreshold("safety");
        assertEquals(
                "{\"kind\":\"model\",\"category\":null,\"token\":7,\"tokenText\":\"[7]\",\"forced\":false,"
                        + "\"rule\":\"top-category\"}",
                json(decide(PROBABILITIES, policy, LabelNumbers.NO_LABEL), "p", "t")
                        .get("decision")
                        .toString());
        // The model's own choice of a label has the label's token.
        assertEquals(
                "{\"kind\":\"refuse\",\"category\":\"safety\",\"token\":103,\"tokenText\":\"[103]\",\"forced\":false,"
                        + "\"rule\":\"top-category\"}",
                json(decide(PROBABILITIES, policy, SAFETY), "p", "t")
                        .get("decision")
                        .toString());
    }

    @Test
    void where_a_readout_forces_nothing_there_is_no_token_and_its_kind_is_told() {
        ReadoutIdentity head = new ReadoutIdentity("head", null, Map.of());
        for (Opening opening : List.of(new Opening.Nothing(), new Opening.Fixed("No."))) {
            JsonObject json = json(decide(PROBABILITIES), opening, head, "p", "t");
            assertEquals(
                    "{\"kind\":\"head\",\"checksum\":null}", json.get("readout").toString());
            assertEquals(
                    "{\"kind\":\"refuse\",\"category\":\"safety\",\"token\":null,\"tokenText\":null,\"forced\":true,"
                            + "\"rule\":\"threshold\"}",
                    json.get("decision").toString());
        }
    }

    @Test
    void probabilities_read_back_as_the_same_double() {
        JsonObject json = json(decide(PROBABILITIES), "p", "t");
        double sum = 0;
        for (int i = 0; i < PROBABILITIES.length; i++) {
            String id = i == 5 ? "respond" : TOKENS.labels().categories().get(i).id();
            assertEquals(
                    PROBABILITIES[i],
                    json.getAsJsonObject("probabilities").get(id).getAsDouble(),
                    0.0);
            sum += PROBABILITIES[i];
        }
        assertEquals(sum, json.get("coverage").getAsDouble(), 0.0);
    }

    @Test
    void random_probabilities_read_back_as_the_same_double() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            double[] p = new double[6];
            for (int i = 0; i < p.length; i++) {
                p[i] = Math.scalb(random.nextDouble(), -random.nextInt(300)) / 6;
            }
            JsonObject read = json(decide(p), "p", "t").getAsJsonObject("probabilities");
            for (int i = 0; i < 5; i++) {
                String id = TOKENS.labels().categories().get(i).id();
                assertEquals(p[i], read.get(id).getAsDouble(), 0.0, "seed " + seed);
            }
        }
    }

    @Test
    void any_text_survives() {
        String text = "quote \" backslash \\ line\nend\u2028 nul \0 html <&'> emoji \ud83d\ude00 ü";
        JsonObject json = json(decide(PROBABILITIES), text, text);
        assertEquals(text, json.get("prompt").getAsString());
        assertEquals(text, json.get("text").getAsString());
    }
}
