package dev.demur;

import dev.demur.arguments.Given;
import dev.demur.engine.Engine;
import dev.demur.llama.Message;
import dev.demur.policy.Rules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with a loaded model: its messages so far. Their tokens stay in the model's cache between answers, so that each
 * answer costs the tokens that are new, until others need the room; then they are decoded again.
 *
 * <p>What is decided and generated is what a fresh context gives for the same messages, but for the noise of sums in
 * another order. Several conversations of one model share its weights and its cache, and may run at the same time.
 *
 * <p>Thread-safe: calls from several threads follow one another. {@link #close} frees its place in the cache; it may come from any
 * thread, a call that is under way then ends with an {@link IllegalStateException}, as does every later one and every one
 * after {@link Demur#close}.
 */
public final class Conversation implements AutoCloseable {

    private final LoadedModel loaded;
    private final Engine engine;
    private final Session session = new Session();
    private volatile List<Message> history = List.of();

    /** The answer that is being given. */
    private volatile @Nullable Answer answering;

    Conversation(LoadedModel loaded, Engine engine) {
        this.loaded = loaded;
        this.engine = engine;
    }

    /** The messages so far, oldest first. */
    public List<Message> history() {
        return history;
    }

    /** Adds messages without answering them, such as a system message at the beginning or a conversation that was saved. */
    public void add(Message... messages) {
        session.alone(() -> history = with(messages));
    }

    private List<Message> with(Message... messages) {
        List<Message> more = new ArrayList<>(history);
        more.addAll(Given.list(Arrays.asList(Given.value(messages, "messages")), "messages"));
        return List.copyOf(more);
    }

    /** Forgets all messages; the tokens stay in the cache for as long as there is room. */
    public void reset() {
        session.alone(() -> history = List.of());
    }

    /**
     * Answers the messages so far, and adds the answer with its decision to them, also one that was cut short.
     *
     * @param listener hears of the decision and of each piece of text, on the calling thread; what it throws ends the
     *     generation and reaches the caller
     * @throws IllegalArgumentException if there are no messages
     * @throws PromptTooLongException if they do not fit the context
     * @throws QueueFullException if as many calls wait as may ({@link LoadOptions#queueLimit})
     * @throws DemurException if the last of them is the assistant's, or the policy does not fit the model
     * @throws dev.demur.llama.LlamaException if a decode fails or its logits are not finite
     * @throws CancellationException if the options' cancellation was cancelled before the decision; after it, what there
     *     is comes back with {@link FinishReason#CANCELLED}. After an exception the conversation is as it was
     */
    public Generation generate(GenerationOptions options, GenerationListener listener) {
        return generate(List.of(), options, listener);
    }

    /**
     * Adds a user's message and answers it: {@link #add} and {@link #generate} in one, of which an exception leaves
     * neither. Errors as for {@link #generate}.
     */
    public Generation ask(String prompt, GenerationOptions options, GenerationListener listener) {
        return generate(List.of(Message.user(prompt)), options, listener);
    }

    private Generation generate(List<Message> added, GenerationOptions options, GenerationListener listener) {
        Given.value(options, "options");
        Given.value(listener, "listener");
        Rules rules = loaded.rules(options.policy());
        return session.inTurn(options.cancellation(), () -> {
            engine.requireOpen();
            List<Message> asked = with(added.toArray(Message[]::new));
            Generation generation = answer(new PreparedRequest(loaded.promptThatFits(asked), rules, options, listener));
            history = asked;
            history = with(Message.assistant(generation.text(), generation.decision()));
            return generation;
        });
    }

    private Generation answer(PreparedRequest request) {
        Answer answer = new Answer(loaded, request, this);
        answering = answer;
        try {
            session.requireOpen(); // whoever closes from here on sees the answer
            Call.run(engine, request.options().cancellation(), List.of(answer));
            return answer.generation();
        } finally {
            answering = null;
        }
    }

    @Override
    public void close() {
        session.close();
        Answer answer = answering;
        if (answer != null) {
            engine.stop(List.of(answer), Session.closedException());
        }
        engine.forget(this);
    }
}
