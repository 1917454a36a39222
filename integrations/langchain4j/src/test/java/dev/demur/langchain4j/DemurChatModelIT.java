package dev.demur.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import java.util.List;

/** LangChain4j's tests for chat models, on the bundled model. */
class DemurChatModelIT extends AbstractChatModelIT {

    @Override
    protected List<ChatModel> models() {
        return List.of(DemurChatModel.builder().demur(Models.small()).policy(Models.open(Models.small())).build());
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
}
