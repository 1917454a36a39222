package dev.demur.langchain4j;

import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelListenerIT;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.moderation.ModerationModel;
import dev.langchain4j.model.moderation.common.AbstractModerationModelListenerIT;
import dev.langchain4j.model.moderation.listener.ModerationModelListener;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** LangChain4j's tests for listeners. */
class ListenersIT {

    private static final String NAME = "tiny";
    private static Demur demur;

    @BeforeAll
    static void load() {
        demur = Models.tiny(LoadOptions.DEFAULTS);
    }

    @AfterAll
    static void close() {
        demur.close();
    }

    /** A builder of either chat model with all that LangChain4j's tests look at. */
    private static <B extends ChatBuilder<B>> B with(
            B builder, Demur of, ChatModelListener listener, Double temperature, Double topP, Integer most) {
        return builder.demur(of)
                .policy(Models.open(of))
                .modelName(NAME)
                .defaultRequestParameters(ChatRequestParameters.builder()
                        .temperature(temperature)
                        .topP(topP)
                        .maxOutputTokens(most)
                        .build())
                .listeners(listener);
    }

    @Nested
    class OfChatModels extends AbstractChatModelListenerIT {

        private ChatModel model(Demur of, ChatModelListener listener) {
            return with(DemurChatModel.builder(), of, listener, temperature(), topP(), maxTokens())
                    .build();
        }

        @Override
        protected ChatModel createModel(ChatModelListener listener) {
            return model(demur, listener);
        }

        @Override
        protected ChatModel createFailingModel(ChatModelListener listener) {
            return Models.ofClosed(closed -> model(closed, listener));
        }

        @Override
        protected String modelName() {
            return NAME;
        }

        @Override
        protected Class<? extends Exception> expectedExceptionClass() {
            return IllegalStateException.class;
        }

        @Override
        protected boolean supportsTools() {
            return false;
        }
    }

    @Nested
    class OfStreamingChatModels extends AbstractStreamingChatModelListenerIT {

        private StreamingChatModel model(Demur of, ChatModelListener listener) {
            return with(DemurStreamingChatModel.builder(), of, listener, temperature(), topP(), maxTokens())
                    .build();
        }

        @Override
        protected StreamingChatModel createModel(ChatModelListener listener) {
            return model(demur, listener);
        }

        @Override
        protected StreamingChatModel createFailingModel(ChatModelListener listener) {
            return Models.ofClosed(closed -> model(closed, listener));
        }

        @Override
        protected String modelName() {
            return NAME;
        }

        @Override
        protected Class<? extends Exception> expectedExceptionClass() {
            return IllegalStateException.class;
        }

        @Override
        protected boolean supportsTools() {
            return false;
        }
    }

    @Nested
    class OfModerationModels extends AbstractModerationModelListenerIT {

        private ModerationModel model(Demur of, List<ModerationModelListener> listeners) {
            return DemurModerationModel.builder().demur(of).listeners(listeners).build();
        }

        @Override
        protected ModerationModel createModel(List<ModerationModelListener> listeners) {
            return model(demur, listeners);
        }

        @Override
        protected ModerationModel createFailingModel(List<ModerationModelListener> listeners) {
            return Models.ofClosed(closed -> model(closed, listeners));
        }

        @Override
        protected Class<? extends Exception> expectedExceptionClass() {
            return IllegalStateException.class;
        }
    }
}
