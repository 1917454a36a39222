package dev.demur.langchain4j;

import dev.demur.calibration.Promise;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A chat model that decides by its policy before it answers.
 *
 * <p>A refusal is a reply like any other, with the finish reason {@code STOP}; {@link DemurChatResponseMetadata} has the
 * decision. An answer's AI message carries the label of its decision as an attribute, so that a model with control tokens sees
 * it again in the next turn. Without a temperature the likeliest token is taken each time. JSON response formats hold by a
 * grammar, for answers; a policy's own reply to a refusal stays as it is.
 *
 * <p>What cannot be honoured is an {@link dev.langchain4j.exception.UnsupportedFeatureException} that names it: tools, another
 * model's name, content that is no text. A value out of its range, a prompt that does not fit and a schema that cannot be
 * followed are an {@link dev.langchain4j.exception.InvalidRequestException}. An interrupt cancels: before the decision that is
 * a {@link java.util.concurrent.CancellationException}, after it a reply that ends early with the finish reason {@code OTHER}.
 *
 * <p>Thread-safe.
 */
public final class DemurChatModel implements ChatModel {

    private final Answering answering;

    private DemurChatModel(Builder builder) {
        this.answering = Answering.of(builder);
    }

    /** Begins with nothing; {@code demur} is required. */
    public static Builder builder() {
        return new Builder();
    }

    /** What the policy promises on this model. */
    public Promise promise() {
        return answering.promise();
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        return answering.answer(answering.prepare(request), text -> {}, null);
    }

    /** On a thread of its own; cancelling the future cancels the reply. */
    @Override
    public CompletableFuture<ChatResponse> doChatAsync(ChatRequest request) {
        return Background.future(
                cancellation -> answering.answer(answering.prepare(request), text -> {}, cancellation));
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return answering.defaults();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return answering.listeners();
    }

    @Override
    public Set<Capability> supportedCapabilities() {
        return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }

    /** Builds the model. */
    public static final class Builder extends ChatBuilder<Builder> {

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * The model.
         *
         * @throws IllegalArgumentException if {@code demur} is missing
         * @throws dev.demur.policy.PolicyException if the policy is not for it
         * @throws dev.langchain4j.exception.UnsupportedFeatureException if a default parameter cannot be honoured
         * @throws dev.langchain4j.exception.InvalidRequestException if one is out of its range
         */
        public DemurChatModel build() {
            return new DemurChatModel(this);
        }
    }
}
