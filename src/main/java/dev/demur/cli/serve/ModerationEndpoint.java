package dev.demur.cli.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/moderations}: decides on texts, in OpenAI's shape. The categories are the model's own; one is true where its
 * score reaches its threshold.
 */
final class ModerationEndpoint {

    private static final int MOST_INPUTS = 256;

    private final ServedModel model;
    private final PromptLimit limit;
    private final Metrics metrics;

    ModerationEndpoint(ServedModel model, PromptLimit limit, Metrics metrics) {
        this.model = model;
        this.limit = limit;
        this.metrics = metrics;
    }

    /** The texts of a request. */
    List<String> parse(Fields fields) {
        fields.requireKnown(Set.of("model", "input", "user", "safety_identifier"));
        model.requireNamed(fields.text("model"));
        JsonValue input = fields.value("input");
        if (input instanceof JsonString text) {
            return List.of(text.value());
        }
        if (!(input instanceof JsonValue.JsonArray array)) {
            throw input == null
                    ? fields.missing("input", "a string, or an array of strings")
                    : fields.wrong("input", input, "a string, or an array of strings");
        }
        if (array.values().isEmpty() || array.values().size() > MOST_INPUTS) {
            throw ApiException.badRequest(
                    "input", "input has " + array.values().size() + " texts: send 1 to " + MOST_INPUTS);
        }
        if (array.values().stream().allMatch(JsonString.class::isInstance)) {
            return array.values().stream()
                    .map(text -> ((JsonString) text).value())
                    .toList();
        }
        return List.of(ChatMessages.text(array, "input"));
    }

    /** Decides on them; blocks until the answer is written. */
    void answer(List<String> texts, Exchange exchange) {
        exchange.facts().prompt = texts.get(texts.size() - 1);
        List<List<Message>> conversations = new ArrayList<>();
        int tokens = 0;
        for (String text : texts) {
            List<Message> conversation = List.of(Message.user(text));
            tokens += limit.toDecide(conversation);
            conversations.add(conversation);
        }
        exchange.facts().promptTokens = tokens;
        long start = System.nanoTime();
        List<Decision> decisions = model.engine().decide(conversations, exchange.cancellation());
        metrics.timed(System.nanoTime() - start, 0);
        metrics.tokens(tokens, 0);
        exchange.facts().decision = DecisionJson.words(decisions.get(decisions.size() - 1));
        JsonArray results = new JsonArray();
        for (int i = 0; i < decisions.size(); i++) {
            Decision decision = decisions.get(i);
            metrics.decided(decision);
            String id = exchange.head().id() + (decisions.size() == 1 ? "" : "-" + i);
            results.add(result(decision, model.policy().observe(id, decision)));
        }
        JsonObject body = new JsonObject();
        body.addProperty("id", "modr-" + UUID.randomUUID().toString().replace("-", ""));
        body.addProperty("model", model.name());
        body.add("results", results);
        exchange.json(200, body);
    }

    private JsonObject result(Decision decision, @Nullable String audit) {
        Reading reading = decision.reading();
        Labels labels = reading.labels();
        Rules rules = model.policy().policy().bind(labels);
        Rule rule = rules.policy().rule();
        boolean hasOwnScore = rule != Rule.SUM && rule != Rule.LOGIT_BIAS; // these have one score for all categories
        JsonObject flags = new JsonObject();
        JsonObject scores = new JsonObject();
        JsonObject inputTypes = new JsonObject();
        JsonArray text = new JsonArray();
        text.add("text");
        for (int i = 0; i < labels.respondIndex(); i++) {
            String id = labels.id(i);
            boolean chosen = decision instanceof Decision.Refuse refuse
                    && refuse.category().id().equals(id);
            flags.addProperty(id, chosen || hasOwnScore && rules.passes(reading, i));
            scores.addProperty(id, reading.probability(i));
            inputTypes.add(id, text);
        }
        JsonObject result = new JsonObject();
        result.addProperty("flagged", decision instanceof Decision.Refuse);
        result.add("categories", flags);
        result.add("category_scores", scores);
        result.add("category_applied_input_types", inputTypes);
        result.add(DecisionJson.FIELD, DecisionJson.of(decision, audit));
        return result;
    }
}
