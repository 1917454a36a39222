package dev.demur.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What both chat models are built from.
 *
 * @param <B> the builder itself
 */
public abstract class ChatBuilder<B extends ChatBuilder<B>> extends PolicyBuilder<B> {

    private @Nullable String modelName;
    private ChatRequestParameters defaults = DefaultChatRequestParameters.EMPTY;
    private List<ChatModelListener> listeners = List.of();

    ChatBuilder() {}

    /** What the model is called in metadata; without it the name of its file. */
    public B modelName(String newModelName) {
        this.modelName = newModelName;
        return self();
    }

    /** The parameters that apply where a request says nothing; {@link DemurChatRequestParameters} has some more. */
    public B defaultRequestParameters(ChatRequestParameters newDefaults) {
        this.defaults = newDefaults;
        return self();
    }

    /** What hears of every request, reply and error. */
    public B listeners(List<ChatModelListener> newListeners) {
        this.listeners = List.copyOf(newListeners);
        return self();
    }

    /** As {@link #listeners(List)}. */
    public B listeners(ChatModelListener... newListeners) {
        return listeners(List.of(newListeners));
    }

    @Nullable
    String modelName() {
        return modelName;
    }

    ChatRequestParameters defaults() {
        return defaults;
    }

    List<ChatModelListener> listeners() {
        return listeners;
    }
}
