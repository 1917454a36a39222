package dev.demur.langchain4j;

import dev.demur.calibration.Promise;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Flow;

/**
 * As {@link DemurChatModel}, piece by piece. What cannot be honoured is thrown at once, as there; what fails later, the handler
 * or the subscriber hears.
 *
 * <p>Each request runs on a thread of its own, which also calls the handler. Cancelled by its handle, the handler hears
 * nothing more. What the handler throws it hears in {@code onError}, and the reply goes on. As a publisher each subscriber has
 * a reply of its own; the model does not wait for a slow one, and keeps what it has not asked for.
 *
 * <p>Thread-safe.
 */
public final class DemurStreamingChatModel implements StreamingChatModel {

    private final Answering answering;

    private DemurStreamingChatModel(Builder builder) {
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
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        Answering.Prepared prepared = answering.prepare(request); // what is wrong with it is thrown here
        HandledReply reply = new HandledReply(handler);
        Background.start(() -> reply.run(answering, prepared));
    }

    @Override
    public Flow.Publisher<ChatModelStreamingEvent> doChat(ChatRequest request) {
        return subscriber -> PublishedReply.start(answering, request, subscriber);
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

        /** The model; errors as for {@link DemurChatModel.Builder#build}. */
        public DemurStreamingChatModel build() {
            return new DemurStreamingChatModel(this);
        }
    }
}
