package dev.demur.llama;

import dev.demur.policy.Decision;
import org.jspecify.annotations.Nullable;

/**
 * One message of a conversation.
 *
 * @param role who speaks
 * @param content plain text, never trimmed: nothing in it can become a control token or a token of the chat template
 * @param controlToken the id of the control token that an answer began with, which stands before its text; null for none
 */
public record Message(Role role, String content, @Nullable Integer controlToken) {

    /** Who speaks. */
    public enum Role {
        /** Who says how to answer, before the conversation. */
        SYSTEM("system"),
        /** Who asks. */
        USER("user"),
        /** The model, in an earlier answer. */
        ASSISTANT("assistant");

        private final String id;

        Role(String id) {
            this.id = id;
        }

        /** The name that chat templates give the role. */
        public String id() {
            return id;
        }
    }

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException if role or content is null, or a message that is no answer has a control token
     */
    public Message {
        if (role == null || content == null) {
            throw new IllegalArgumentException("a message's " + (role == null ? "role" : "content") + " is null");
        }
        if (controlToken != null && role != Role.ASSISTANT) {
            throw new IllegalArgumentException("a message of the " + role.id + " has the control token " + controlToken
                    + ": only an assistant's answer begins with one");
        }
    }

    /** What the model is told before the conversation. */
    public static Message system(String content) {
        return new Message(Role.SYSTEM, content, null);
    }

    /** What a person asks. */
    public static Message user(String content) {
        return new Message(Role.USER, content, null);
    }

    /** What was answered earlier in the conversation, without a decision. */
    public static Message assistant(String content) {
        return new Message(Role.ASSISTANT, content, null);
    }

    /**
     * What was answered earlier in the conversation, after a control token.
     *
     * @param controlToken its id, one of the model's {@link dev.demur.policy.ControlTokens#ids}
     */
    public static Message assistant(String content, int controlToken) {
        return new Message(Role.ASSISTANT, content, controlToken);
    }

    /**
     * What was answered earlier in the conversation, after this decision.
     *
     * @throws IllegalArgumentException if {@code decision} is null: without one there is {@link #assistant(String)}
     */
    public static Message assistant(String content, Decision decision) {
        if (decision == null) {
            throw new IllegalArgumentException(
                    "an answer's decision is null: where there was none, leave it out: Message.assistant(content)");
        }
        boolean ownToken = decision instanceof Decision.ModelToken; // which is part of the text
        return new Message(Role.ASSISTANT, content, ownToken ? null : Integer.valueOf(decision.token()));
    }
}
