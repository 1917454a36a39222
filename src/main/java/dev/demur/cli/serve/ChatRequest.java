package dev.demur.cli.serve;

import dev.demur.GenerationOptions;
import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.llama.Message;
import dev.demur.llama.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What {@code POST /v1/chat/completions} asks for.
 *
 * @param messages the conversation
 * @param options how to answer, but for the grammar
 * @param schema the JSON schema that the answer must fit; null for any text
 * @param stream whether the answer is sent as it is written
 * @param includeUsage whether a stream ends with the counts of tokens
 */
record ChatRequest(
        List<Message> messages,
        GenerationOptions options,
        @Nullable String schema,
        boolean stream,
        boolean includeUsage) {

    private static final String ANY_OBJECT = "{\"type\": \"object\"}";

    /** Honoured, or without a meaning here that could be dishonoured: these name who asks, or what would be cached where. */
    private static final Set<String> KNOWN = Set.of(
            "model",
            "messages",
            "temperature",
            "top_p",
            "top_k",
            "min_p",
            "repeat_penalty",
            "frequency_penalty",
            "presence_penalty",
            "max_tokens",
            "max_completion_tokens",
            "stop",
            "seed",
            "response_format",
            "stream",
            "stream_options",
            "n",
            "user",
            "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention");

    /** Taken where they ask for what happens anyway. */
    private static final Map<String, Set<String>> ONLY = Map.of(
            "service_tier", Set.of("auto", "default"),
            "tool_choice", Set.of("none", "auto"),
            "function_call", Set.of("none", "auto"),
            "verbosity", Set.of("medium"),
            "reasoning_effort", Set.of("none"));

    /** Taken where they are false, empty or 0. */
    private static final Map<String, String> OFF = Map.of(
            "tools", "tools are not supported",
            "functions", "tools are not supported",
            "parallel_tool_calls", "tools are not supported",
            "logprobs", "logprobs are not supported (the field demur of a reply has the probabilities of the decision)",
            "top_logprobs", "logprobs are not supported",
            "logit_bias", "logit_bias is not supported (a policy's biases are, by demur serve --bias)",
            "audio", "only text is supported, no audio",
            "store", "nothing is stored here",
            "metadata", "nothing is stored here, so there is nothing that metadata could be attached to",
            "web_search_options", "there is no web search here");

    static ChatRequest parse(Fields fields, ServedModel model) {
        refuseUnsupported(fields);
        model.requireNamed(fields.text("model"));
        List<Message> messages = new ChatMessages(model.engine().labels()).read(fields.array("messages"), "messages");
        Long n = fields.integer("n", 0, Integer.MAX_VALUE);
        if (n != null && n != 1) {
            throw ApiException.unsupported("n", "n is " + n + ": one answer is given to a request, so n must be 1");
        }
        String schema = schema(fields.object("response_format"));
        boolean stream = fields.flag("stream");
        Fields streamOptions = fields.object("stream_options");
        boolean includeUsage = false;
        if (streamOptions != null) {
            if (!stream) {
                throw ApiException.badRequest("stream_options", "stream_options go with \"stream\": true only");
            }
            streamOptions.requireKnown(Set.of("include_usage", "include_obfuscation"));
            includeUsage = streamOptions.flag("include_usage");
            if (streamOptions.flag("include_obfuscation")) {
                throw ApiException.unsupported(
                        "stream_options.include_obfuscation", "pieces are not obfuscated here: leave it out");
            }
        }
        GenerationOptions options = model.defaults()
                .withSampling(sampling(fields, model.defaults().sampling(), schema != null))
                .withMaxTokens(maxTokens(fields, model.defaults().maxTokens()))
                .withStopStrings(stops(fields, model.defaults().stopStrings()))
                .withPolicy(model.policy().policy());
        return new ChatRequest(messages, options, schema, stream, includeUsage);
    }

    private static void refuseUnsupported(Fields fields) {
        for (String name : fields.names()) {
            JsonValue value = fields.value(name);
            if (KNOWN.contains(name) || value == null) {
                continue;
            }
            if (OFF.containsKey(name)) {
                if (!isOff(value)) {
                    throw ApiException.unsupported(name, OFF.get(name) + ": leave " + name + " out");
                }
            } else if (ONLY.containsKey(name)) {
                if (!(value instanceof JsonString text
                        && ONLY.getOrDefault(name, Set.of()).contains(text.value()))) {
                    throw ApiException.unsupported(name, name + " is not supported: leave it out");
                }
            } else if (name.equals("modalities")) {
                if (!(value instanceof JsonArray list && list.values().stream().allMatch(ChatRequest::isText))) {
                    throw ApiException.unsupported(name, "only text is supported: modalities must be [\"text\"]");
                }
            } else if (name.equals("prediction")) {
                throw ApiException.unsupported(name, "predictions are not supported: leave prediction out");
            } else {
                throw ApiException.badRequest(
                        name,
                        "unknown_parameter",
                        "this server does not know the parameter " + Quoted.of(name) + ": leave it out");
            }
        }
    }

    private static boolean isText(JsonValue value) {
        return value instanceof JsonString text && text.value().equals("text");
    }

    private static boolean isOff(JsonValue value) {
        return value instanceof JsonValue.JsonBoolean flag && !flag.value()
                || value instanceof JsonArray array && array.values().isEmpty()
                || value instanceof JsonObject object && object.members().isEmpty()
                || value instanceof JsonValue.JsonNumber number
                        && number.value().signum() == 0;
    }

    private static Sampling sampling(Fields fields, Sampling defaults, boolean structured) {
        double temperature = or(fields.number("temperature", 0, 2), defaults.temperature());
        // Quotes and brackets must come again and again.
        double repeatPenalty = structured ? Sampling.GREEDY.repeatPenalty() : defaults.repeatPenalty();
        Long topK = fields.integer("top_k", 0, Integer.MAX_VALUE);
        try {
            return defaults.toBuilder()
                    .temperature(temperature)
                    .topK(topK == null ? defaults.topK() : topK.intValue())
                    .topP(or(fields.number("top_p", 0, 1), defaults.topP()))
                    .minP(or(fields.number("min_p", 0, 1), defaults.minP()))
                    .repeatPenalty(or(
                            fields.number("repeat_penalty", Sampling.LEAST_PENALTY, Sampling.MOST_PENALTY),
                            repeatPenalty))
                    .frequencyPenalty(or(fields.number("frequency_penalty", -2, 2), defaults.frequencyPenalty()))
                    .presencePenalty(or(fields.number("presence_penalty", -2, 2), defaults.presencePenalty()))
                    .seed(seed(fields))
                    .build();
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest("temperature", String.valueOf(e.getMessage()));
        }
    }

    private static double or(@Nullable Double given, double otherwise) {
        return given == null ? otherwise : given;
    }

    /** The seed that is given, its halves folded together where it has more than 32 bits; else another one each time. */
    private static int seed(Fields fields) {
        Long seed = fields.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE);
        return seed == null ? ThreadLocalRandom.current().nextInt() : Long.hashCode(seed);
    }

    private static int maxTokens(Fields fields, int otherwise) {
        Long older = fields.integer("max_tokens", 0, Integer.MAX_VALUE);
        Long newer = fields.integer("max_completion_tokens", 0, Integer.MAX_VALUE);
        if (older != null && newer != null && !older.equals(newer)) {
            throw ApiException.badRequest(
                    "max_tokens",
                    "max_tokens and max_completion_tokens differ: they mean the same, so give one of them");
        }
        Long given = newer == null ? older : newer;
        return given == null ? otherwise : given.intValue();
    }

    private static List<String> stops(Fields fields, List<String> otherwise) {
        JsonValue value = fields.value("stop");
        if (value == null) {
            return otherwise;
        }
        List<String> stops = new ArrayList<>();
        if (value instanceof JsonString text) {
            stops.add(text.value());
        } else if (value instanceof JsonArray array) {
            for (JsonValue element : array.values()) {
                if (!(element instanceof JsonString text)) {
                    throw fields.wrong("stop", element, "a string, or an array of strings");
                }
                stops.add(text.value());
            }
        } else {
            throw fields.wrong("stop", value, "a string, or an array of strings");
        }
        try {
            return GenerationOptions.DEFAULTS.withStopStrings(stops).stopStrings();
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest("stop", "stop: " + e.getMessage());
        }
    }

    private static @Nullable String schema(@Nullable Fields format) {
        if (format == null) {
            return null;
        }
        String type = format.requiredText("type");
        switch (type) {
            case "text":
                return null;
            case "json_object":
                return ANY_OBJECT;
            case "json_schema":
                Fields named = format.object("json_schema");
                if (named == null) {
                    throw format.missing("json_schema", "an object with a schema");
                }
                named.requireKnown(Set.of("name", "description", "schema", "strict"));
                Fields schema = named.object("schema");
                if (schema == null) {
                    throw named.missing("schema", "a JSON schema");
                }
                return schema.text();
            default:
                throw ApiException.badRequest(
                        "response_format.type",
                        "response_format.type is " + Quoted.of(type) + ": it must be text, json_object or json_schema");
        }
    }
}
