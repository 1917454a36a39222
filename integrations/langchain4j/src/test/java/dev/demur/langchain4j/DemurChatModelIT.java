package dev.demur.langchain4j;

import dev.demur.llama.Message;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** LangChain4j's tests for chat models, on the bundled model. */
class DemurChatModelIT extends AbstractChatModelIT {

    @Override
    protected List<ChatModel> models() {
        return List.of(DemurChatModel.builder()
                .demur(Models.small())
                .policy(Models.open(Models.small()))
                .build());
    }

    @Override
    protected ChatModel createModelWith(ChatRequestParameters parameters) {
        return DemurChatModel.builder()
                .demur(Models.small())
                .policy(Models.open(Models.small()))
                .defaultRequestParameters(parameters)
                .build();
    }

    @Override
    protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
        return DemurChatRequestParameters.builder()
                .maxOutputTokens(maxOutputTokens)
                .build();
    }

    @Override
    protected Class<? extends ChatResponseMetadata> chatResponseMetadataType(ChatModel model) {
        return DemurChatResponseMetadata.class;
    }

    @Override
    protected boolean supportsModelNameParameter() {
        return false; // another model is another file
    }

    @Override
    protected boolean supportsTools() {
        return false;
    }

    @Override
    protected boolean supportsToolChoiceRequired() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsBase64EncodedString() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsPublicURL() {
        return false;
    }

    /** The bundled model has 135 million parameters and knows hardly any German: what it is told is looked at instead. */
    @Override
    @ParameterizedTest
    @MethodSource("models")
    protected void should_respect_system_message(ChatModel model) {
        String system = "Translate messages from user into German";
        String user = "Translate: 'I love you'";
        ChatRequest request = ChatRequest.builder()
                .messages(SystemMessage.from(system), UserMessage.from(user))
                .maxOutputTokens(8)
                .build();
        Models.requireWholePrompt(chat(model, request).chatResponse(), Message.system(system), Message.user(user));
    }

    /** As above: it repeats itself where it should look back. */
    @Override
    @ParameterizedTest
    @MethodSource("models")
    protected void should_respect_multiple_messages(ChatModel model) {
        ChatRequest request = ChatRequest.builder()
                .messages(
                        UserMessage.from("Hi, my favorite color is green"),
                        AiMessage.from("Hi"),
                        UserMessage.from("Which?"))
                .maxOutputTokens(8)
                .build();
        Models.requireWholePrompt(
                chat(model, request).chatResponse(),
                Message.user("Hi, my favorite color is green"),
                Message.assistant("Hi"),
                Message.user("Which?"));
    }
}
