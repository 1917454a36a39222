package dev.demur.cli.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import dev.demur.FinishReason;
import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.grammar.Grammar;
import dev.demur.grammar.GrammarException;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/chat/completions}: decides and answers, in OpenAI's shape, with the decision in the field {@code demur}. */
final class ChatEndpoint {

    private final ServedModel model;
    private final PromptLimit limit;
    private final Metrics metrics;

    ChatEndpoint(ServedModel model, PromptLimit limit, Metrics metrics) {
        this.model = model;
        this.limit = limit;
        this.metrics = metrics;
    }

    ServedModel model() {
        return model;
    }

    /** Does what a request asks for; blocks until the answer is written. */
    void answer(ChatRequest request, Exchange exchange) {
        exchange.facts().prompt = lastText(request.messages());
        GenerationOptions options =
                request.options().withGrammar(grammar(request.schema())).withCancellation(exchange.cancellation());
        exchange.facts().promptTokens = limit.toAnswer(request.messages());
        Answer answer = new Answer(request, exchange);
        Generation generation = model.engine().generate(request.messages(), options, answer);
        answer.end(generation);
    }

    private static String lastText(List<Message> messages) {
        return messages.get(messages.size() - 1).content();
    }

    private static @Nullable Grammar grammar(@Nullable String schema) {
        try {
            return schema == null ? null : Grammar.ofJsonSchema(schema);
        } catch (GrammarException e) {
            throw ApiException.badRequest("response_format", "response_format: " + e.getMessage());
        }
    }

    /** One answer on its way. */
    private final class Answer implements GenerationListener {

        private final ChatRequest request;
        private final Exchange exchange;
        private final String id = "chatcmpl-" + UUID.randomUUID().toString().replace("-", "");
        private final long created = System.currentTimeMillis() / 1000;
        private @Nullable String audit;

        Answer(ChatRequest request, Exchange exchange) {
            this.request = request;
            this.exchange = exchange;
        }

        @Override
        public void decided(Decision decision) {
            metrics.decided(decision);
            audit = model.policy().observe(exchange.head().id(), decision);
            exchange.facts().decision = DecisionJson.words(decision);
            if (request.stream()) {
                exchange.openStream();
                JsonObject delta = new JsonObject();
                delta.addProperty("role", "assistant");
                delta.addProperty("content", "");
                delta.add("refusal", JsonNull.INSTANCE);
                delta.add(DecisionJson.FIELD, DecisionJson.of(decision, audit));
                send(delta, null);
            }
        }

        @Override
        public void text(String piece) {
            if (request.stream()) {
                JsonObject delta = new JsonObject();
                delta.addProperty("content", piece);
                send(delta, null);
            }
        }

        void end(Generation generation) {
            exchange.facts().promptTokens = generation.timings().promptTokens();
            exchange.facts().generatedTokens = generation.timings().generatedTokens();
            exchange.facts().reply = generation.text();
            metrics.tokens(
                    generation.timings().promptTokens(), generation.timings().generatedTokens());
            metrics.timed(
                    generation.timings().promptNanos(), generation.timings().firstTokenNanos());
            if (generation.finishReason() == FinishReason.CANCELLED) {
                throw exchange.whyCancelled();
            }
            String reason = generation.finishReason() == FinishReason.LENGTH ? "length" : "stop";
            if (!request.stream()) {
                exchange.json(200, completion(generation, reason));
                return;
            }
            send(new JsonObject(), reason);
            if (request.includeUsage()) {
                JsonObject last = chunk(new JsonArray());
                last.add("usage", usage(generation));
                exchange.event(last.toString());
            }
            exchange.endStream("[DONE]");
        }

        private JsonObject completion(Generation generation, String reason) {
            JsonObject message = new JsonObject();
            message.addProperty("role", "assistant");
            message.addProperty("content", generation.text());
            message.add("refusal", JsonNull.INSTANCE);
            message.add(DecisionJson.FIELD, DecisionJson.of(generation.decision(), audit));
            JsonObject choice = new JsonObject();
            choice.addProperty("index", 0);
            choice.add("message", message);
            choice.add("logprobs", JsonNull.INSTANCE);
            choice.addProperty("finish_reason", reason);
            JsonArray choices = new JsonArray();
            choices.add(choice);
            JsonObject body = envelope("chat.completion", choices);
            body.add("usage", usage(generation));
            return body;
        }

        private void send(JsonObject delta, @Nullable String reason) {
            JsonObject choice = new JsonObject();
            choice.addProperty("index", 0);
            choice.add("delta", delta);
            choice.add("logprobs", JsonNull.INSTANCE);
            choice.addProperty("finish_reason", reason);
            JsonArray choices = new JsonArray();
            choices.add(choice);
            exchange.event(chunk(choices).toString());
        }

        private JsonObject chunk(JsonArray choices) {
            JsonObject chunk = envelope("chat.completion.chunk", choices);
            if (request.includeUsage()) {
                chunk.add("usage", JsonNull.INSTANCE);
            }
            return chunk;
        }

        private JsonObject envelope(String object, JsonArray choices) {
            JsonObject json = new JsonObject();
            json.addProperty("id", id);
            json.addProperty("object", object);
            json.addProperty("created", created);
            json.addProperty("model", model.name());
            json.add("choices", choices);
            return json;
        }
    }

    private static JsonObject usage(Generation generation) {
        int prompt = generation.timings().promptTokens();
        int written = generation.timings().generatedTokens();
        JsonObject usage = new JsonObject();
        usage.addProperty("prompt_tokens", prompt);
        usage.addProperty("completion_tokens", written);
        usage.addProperty("total_tokens", prompt + written);
        return usage;
    }
}
