package dev.demur;

import dev.demur.arguments.Given;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.policy.RefusalPolicy;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One conversation to be decided on or answered, with all that concerns it: what decides, how to answer, and what ends it.
 *
 * <pre>{@code
 * Request request = Request.of("How do locks work?").withPolicy(policy);
 * Decision decision = demur.decide(request);
 * Generation answer = demur.generate(request);
 * }</pre>
 *
 * <p>Immutable; it may be asked any number of times, of any model.
 */
public final class Request {

    private final List<Message> messages;
    private final GenerationOptions options;

    private Request(List<Message> messages, GenerationOptions options) {
        this.messages = Given.list(messages, "messages");
        this.options = Given.value(options, "options");
    }

    /** A single user message, with {@link GenerationOptions#DEFAULTS}. */
    public static Request of(String prompt) {
        return of(List.of(Message.user(prompt)));
    }

    /** A conversation, with {@link GenerationOptions#DEFAULTS}. */
    public static Request of(List<Message> messages) {
        return of(messages, GenerationOptions.DEFAULTS);
    }

    /**
     * A conversation, with options of its own.
     *
     * @param messages oldest first, ending with the message to answer; with the assistant's only where a reply is to be judged
     * @throws IllegalArgumentException if one of them is null
     */
    public static Request of(List<Message> messages, GenerationOptions options) {
        return new Request(messages, options);
    }

    /** The conversation, oldest message first. */
    public List<Message> messages() {
        return messages;
    }

    /** How to answer. A decision alone needs only its policy and its cancellation. */
    public GenerationOptions options() {
        return options;
    }

    /** What decides; null for the model's own, {@link Demur#policy()}. The options have it. */
    public @Nullable RefusalPolicy policy() {
        return options.policy();
    }

    /** Ends the request from another thread; null for none. The options have it. */
    public @Nullable Cancellation cancellation() {
        return options.cancellation();
    }

    /** The same conversation with other options: policy and cancellation are theirs. */
    public Request withOptions(GenerationOptions newOptions) {
        return new Request(messages, newOptions);
    }

    /** The same, decided by another policy; null for the model's own. */
    public Request withPolicy(@Nullable RefusalPolicy newPolicy) {
        return withOptions(options.withPolicy(newPolicy));
    }

    /** The same, to be ended by this; null for nothing. */
    public Request withCancellation(@Nullable Cancellation newCancellation) {
        return withOptions(options.withCancellation(newCancellation));
    }

    /** Whether both have the same messages and options. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Request that && messages.equals(that.messages) && options.equals(that.options);
    }

    @Override
    public int hashCode() {
        return Objects.hash(messages, options);
    }

    /** For logs, and so without the text: how many messages there are, how many characters they have, and the options. */
    @Override
    public String toString() {
        int characters = messages.stream()
                .mapToInt(message -> message.content().length())
                .sum();
        return "Request[messages=" + messages.size() + ", characters=" + characters + ", options=" + options + "]";
    }
}
