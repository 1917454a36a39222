package dev.demur.langchain4j;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What LangChain4j's models are built from, whatever they are asked.
 *
 * @param <B> the builder itself
 * @param <L> what hears of the model's requests
 */
public abstract class ModelBuilder<B extends ModelBuilder<B, L>, L> extends PolicyBuilder<B> {

    private @Nullable String modelName;
    private List<L> listeners = List.of();

    ModelBuilder() {}

    /** What the model is called in requests and metadata; without it the name of its file. */
    public B modelName(String newModelName) {
        this.modelName = newModelName;
        return self();
    }

    /** What hears of every request, response and error. */
    public B listeners(List<L> newListeners) {
        this.listeners = List.copyOf(newListeners);
        return self();
    }

    /** As {@link #listeners(List)}. */
    @SafeVarargs
    @SuppressWarnings("varargs") // List.of keeps no array
    public final B listeners(L... newListeners) {
        return listeners(List.of(newListeners));
    }

    @Nullable
    String modelName() {
        return modelName;
    }

    List<L> listeners() {
        return listeners;
    }
}
