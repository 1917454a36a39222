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
        SYSTEM("system"),
        USER("user"),
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

    public static Message system(String content) {
        return new Message(Role.SYSTEM, content);
    }

    public static Message user(String content) {
        return new Message(Role.USER, content);
    }

    public static Message assistant(String content) {
        return new Message(Role.ASSISTANT, content);
    }
}
