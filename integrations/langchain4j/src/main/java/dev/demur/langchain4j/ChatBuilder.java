package dev.demur.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;

/**
 * What both chat models are built from.
 *
 * @param <B> the builder itself
 */
public abstract class ChatBuilder<B extends ChatBuilder<B>> extends ModelBuilder<B, ChatModelListener> {

    private ChatRequestParameters defaults = DefaultChatRequestParameters.EMPTY;

    ChatBuilder() {}

    /** The parameters that apply where a request says nothing; {@link DemurChatRequestParameters} has some more. */
    public B defaultRequestParameters(ChatRequestParameters newDefaults) {
        this.defaults = newDefaults;
        return self();
    }

    ChatRequestParameters defaults() {
        return defaults;
    }
}
