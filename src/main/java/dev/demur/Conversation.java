package dev.demur;

import dev.demur.llama.Message;
import dev.demur.llama.PromptEncoder;
import dev.demur.policy.RefusalPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * A conversation with a loaded model: its messages so far, and a context of its own that holds their tokens, so that each
 * answer costs the tokens that are new.
 *
 * <p>What is decided and generated is what a fresh context gives for the same messages, but for the noise of sums in
 * another order. Several conversations of one model share its weights and may run at the same time.
 *
 * <p>Thread-safe: calls from several threads follow one another. {@link #close} frees the context; it may come from any
 * thread, a call that is under way then ends with an {@link IllegalStateException}, as does every later one and every one
 * after {@link Demur#close}.
 */
public final class Conversation implements AutoCloseable {

    private final Session session;
    private final PromptEncoder prompts;
    private final Supplier<RefusalPolicy> ownPolicy;
    private volatile List<Message> history = List.of();

    Conversation(Session session, PromptEncoder prompts, Supplier<RefusalPolicy> ownPolicy) {
        this.session = session;
        this.prompts = prompts;
        this.ownPolicy = ownPolicy;
    }

    /** The messages so far, oldest first. */
    public List<Message> history() {
        return history;
    }

    /** Adds messages without answering them, such as a system message at the beginning or a conversation that was saved. */
    public void add(Message... messages) {
        Session.Turn turn = session.enter(null);
        try (turn) {
            history = with(messages);
        }
    }

    private List<Message> with(Message... messages) {
        List<Message> more = new ArrayList<>(history);
        more.addAll(List.of(messages));
        return List.copyOf(more);
    }

    /** Forgets all messages; the weights and the context stay. */
    public void reset() {
        Session.Turn turn = session.enter(null);
        try (turn) {
            history = List.of();
        }
    }

    /**
     * Answers the messages so far, and adds the answer with its decision to them, also one that was cut short.
     *
     * @param listener hears of the decision and of each piece of text, on the calling thread; what it throws ends the
     *     generation and reaches the caller
     * @throws IllegalArgumentException if there are no messages, or they do not fit the context (the message has both
     *     lengths), or the policy does not fit the model
     * @throws dev.demur.llama.LlamaException if a decode fails or its logits are not finite
     * @throws CancellationException if the options' cancellation was cancelled before the decision; after it, what there
     *     is comes back with {@link FinishReason#CANCELLED}. After an exception the conversation is as it was
     */
    public Generation generate(GenerationOptions options, GenerationListener listener) {
        return generate(List.of(), options, listener);
    }

    /**
     * Adds a user's message and answers it: {@link #add} and {@link #generate} in one, of which an exception leaves
     * neither.
     */
    public Generation ask(String prompt, GenerationOptions options, GenerationListener listener) {
        return generate(List.of(Message.user(prompt)), options, listener);
    }

    private Generation generate(List<Message> added, GenerationOptions options, GenerationListener listener) {
        Objects.requireNonNull(listener, "listener");
        RefusalPolicy policy = options.policy() == null ? ownPolicy.get() : options.policy();
        Session.Turn turn = session.enter(options.cancellation());
        try (turn) {
            long start = System.nanoTime();
            List<Message> asked = with(added.toArray(Message[]::new));
            Generation generation = turn.generate(prompts.encode(asked), start, policy, options, listener);
            history = asked;
            history = with(Message.assistant(generation.text(), generation.decision()));
            return generation;
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
