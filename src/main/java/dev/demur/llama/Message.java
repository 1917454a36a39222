package dev.demur.llama;

import java.util.Objects;

/**
 * One message of a conversation.
 *
 * @param role who speaks
 * @param content plain text: nothing in it can become a control token or a token of the chat template
 */
public record Message(Role role, String content) {

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

    public Message {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
    }

    /** What the model is told before the conversation. */
    public static Message system(String content) {
        return new Message(Role.SYSTEM, content);
    }

    /** What a person asks. */
    public static Message user(String content) {
        return new Message(Role.USER, content);
    }

    /** What the model answered earlier in the conversation. */
    public static Message assistant(String content) {
        return new Message(Role.ASSISTANT, content);
    }
}
