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

    private static ChatRequestParameters parameters(Double temperature, Double topP, Integer most) {
        return ChatRequestParameters.builder()
                .temperature(temperature)
                .topP(topP)
                .maxOutputTokens(most)
                .build();
    }

    @Nested
    class OfChatModels extends AbstractChatModelListenerIT {

        private ChatModel model(Demur of, ChatModelListener listener) {
            return DemurChatModel.builder()
                    .demur(of)
                    .policy(Models.open(of))
                    .modelName(NAME)
                    .defaultRequestParameters(parameters(temperature(), topP(), maxTokens()))
                    .listeners(listener)
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
            return DemurStreamingChatModel.builder()
                    .demur(of)
                    .policy(Models.open(of))
                    .modelName(NAME)
                    .defaultRequestParameters(parameters(temperature(), topP(), maxTokens()))
                    .listeners(listener)
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
