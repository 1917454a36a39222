package dev.demur.langchain4j;

import com.google.gson.Gson;
import dev.demur.GenerationOptions;
import dev.demur.grammar.Grammar;
import dev.demur.llama.Sampling;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** LangChain4j's parameters of a request as Demur's options. */
final class RequestOptions {

    private static final String ANY_OBJECT = "{\"type\": \"object\"}";
    private static final Gson GSON = new Gson();

    private RequestOptions() {}

    /**
     * Checks that all parameters can be honoured.
     *
     * @throws UnsupportedFeatureException naming the one that cannot
     */
    static void requireSupported(ChatRequestParameters parameters, String modelName) {
        ModelName.require(parameters.modelName(), modelName);
        if (parameters.toolChoice() == ToolChoice.REQUIRED) {
            throw new UnsupportedFeatureException(
                    "The parameter toolChoice is ToolChoice.REQUIRED, and tools are not supported by Demur");
        }
        if (parameters.toolSpecifications() != null
                && !parameters.toolSpecifications().isEmpty()) {
            throw new UnsupportedFeatureException(
                    "The parameter toolSpecifications has tools, which are not supported by Demur: leave them out");
        }
    }

    /**
     * How to answer a request whose parameters are supported.
     *
     * @throws IllegalArgumentException if a value is out of its range, or a schema cannot be followed; it is named
     */
    static GenerationOptions of(ChatRequestParameters parameters) {
        GenerationOptions options = GenerationOptions.DEFAULTS
                .withSampling(sampling(parameters))
                .withGrammar(grammar(parameters.responseFormat()));
        if (parameters.maxOutputTokens() != null) {
            options = options.withMaxTokens(parameters.maxOutputTokens());
        }
        return parameters.stopSequences() == null ? options : options.withStopStrings(parameters.stopSequences());
    }

    private static Sampling sampling(ChatRequestParameters parameters) {
        Sampling sampling = Sampling.GREEDY;
        if (parameters.temperature() != null) {
            sampling = sampling.withTemperature(parameters.temperature())
                    .withSeed(ThreadLocalRandom.current().nextInt());
        }
        if (parameters.topP() != null) {
            sampling = sampling.withTopP(parameters.topP());
        }
        if (parameters.topK() != null) {
            sampling = sampling.withTopK(parameters.topK());
        }
        if (parameters.frequencyPenalty() != null) {
            sampling = sampling.withFrequencyPenalty(parameters.frequencyPenalty());
        }
        if (parameters.presencePenalty() != null) {
            sampling = sampling.withPresencePenalty(parameters.presencePenalty());
        }
        return parameters instanceof DemurChatRequestParameters own ? ofOwn(own, sampling) : sampling;
    }

    private static Sampling ofOwn(DemurChatRequestParameters parameters, Sampling common) {
        Sampling sampling = common;
        Integer seed = parameters.seed();
        if (seed != null) {
            sampling = sampling.withSeed(seed);
        }
        Double minP = parameters.minP();
        if (minP != null) {
            sampling = sampling.withMinP(minP);
        }
        Double repeatPenalty = parameters.repeatPenalty();
        return repeatPenalty == null ? sampling : sampling.withRepeatPenalty(repeatPenalty);
    }

    private static @Nullable Grammar grammar(@Nullable ResponseFormat format) {
        if (format == null || format.type() == ResponseFormatType.TEXT) {
            return null;
        }
        if (format.jsonSchema() == null) {
            return Grammar.ofJsonSchema(ANY_OBJECT);
        }
        return Grammar.ofJsonSchema(
                GSON.toJson(JsonSchemaElementUtils.toMap(format.jsonSchema().rootElement())));
    }
}
