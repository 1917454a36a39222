package dev.demur.langchain4j;

import dev.demur.Demur;
import dev.demur.FinishReason;
import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.Request;
import dev.demur.calibration.Promise;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.policy.RefusalPolicy;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Answers chat requests: what the chat model and the streaming one have in common. Thread-safe. */
final class Answering {

    private final Demur demur;
    private final AppliedPolicy policy;
    private final String modelName;
    private final DemurChatRequestParameters defaults;
    private final List<ChatModelListener> listeners;
    private volatile @Nullable AppliedPolicy lastOfRequest;

    private Answering(ChatBuilder<?> builder) {
        this.demur = builder.requireDemur();
        this.policy = builder.appliedPolicy();
        this.modelName = ModelName.ofAnswering(builder.modelName(), demur);
        this.defaults = DemurChatRequestParameters.builder()
                .modelName(modelName)
                .overrideWith(builder.defaults())
                .build();
        this.listeners = builder.listeners();
        RequestOptions.requireSupported(defaults, modelName);
        options(defaults); // a value that is out of its range is told now
    }

    static Answering of(ChatBuilder<?> builder) {
        return new Answering(builder);
    }

    ChatRequestParameters defaults() {
        return defaults;
    }

    List<ChatModelListener> listeners() {
        return listeners;
    }

    Promise promise() {
        return policy.promise();
    }

    /**
     * A request that can be answered.
     *
     * @param messages the conversation
     * @param options how to answer, all but the cancellation
     * @param policy what decides
     */
    record Prepared(List<Message> messages, GenerationOptions options, AppliedPolicy policy) {}

    /**
     * Checks a request.
     *
     * @throws dev.langchain4j.exception.UnsupportedFeatureException naming what cannot be honoured
     * @throws dev.langchain4j.exception.InvalidRequestException naming the value that is wrong
     */
    Prepared prepare(ChatRequest request) {
        ChatRequestParameters parameters = request.parameters();
        RequestOptions.requireSupported(parameters, modelName);
        AppliedPolicy applied = policy(parameters);
        GenerationOptions options = options(parameters).withPolicy(applied.policy());
        return new Prepared(Messages.of(request.messages(), demur.labels()), options, applied);
    }

    /**
     * Answers a request.
     *
     * @param text hears each piece of the reply
     * @param cancellation ends it from another thread; null for none
     */
    ChatResponse answer(Prepared request, GenerationListener text, @Nullable Cancellation cancellation) {
        GenerationOptions options = request.options().withCancellation(cancellation);
        return response(
                Failures.ofRequest("", () -> demur.generate(Request.of(request.messages(), options), text)),
                request.policy());
    }

    /** That of the request where it has one. The one before is kept, because a program mostly has one for many requests. */
    private AppliedPolicy policy(ChatRequestParameters parameters) {
        RefusalPolicy own = parameters instanceof DemurChatRequestParameters mine ? mine.policy() : null;
        if (own == null) {
            return policy;
        }
        AppliedPolicy last = lastOfRequest;
        if (last == null || last.policy() != own) {
            last = Failures.ofRequest("", () -> AppliedPolicy.of(own, "the request's policy", demur));
            lastOfRequest = last;
        }
        return last;
    }

    private static GenerationOptions options(ChatRequestParameters parameters) {
        return Failures.ofRequest("The request's parameters cannot be honoured: ", () -> RequestOptions.of(parameters));
    }

    private ChatResponse response(Generation generation, AppliedPolicy applied) {
        DemurChatResponseMetadata metadata = new DemurChatResponseMetadata.Builder(
                        generation.decision(), generation.finishReason(), applied.promise())
                .id(UUID.randomUUID().toString())
                .modelName(modelName)
                .tokenUsage(new TokenUsage(
                        generation.timings().promptTokens(),
                        generation.timings().generatedTokens()))
                .finishReason(reason(generation.finishReason()))
                .build();
        return ChatResponse.builder()
                .aiMessage(Messages.answer(generation.text(), generation.decision()))
                .metadata(metadata)
                .build();
    }

    /** A refusal is a whole reply. */
    private static dev.langchain4j.model.output.FinishReason reason(FinishReason reason) {
        return switch (reason) {
            case STOP, STOP_STRING, FIXED_REPLY -> dev.langchain4j.model.output.FinishReason.STOP;
            case LENGTH -> dev.langchain4j.model.output.FinishReason.LENGTH;
            case CANCELLED -> dev.langchain4j.model.output.FinishReason.OTHER;
        };
    }
}
