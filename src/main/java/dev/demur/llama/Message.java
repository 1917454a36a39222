package dev.demur.llama;

import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import org.jspecify.annotations.Nullable;

/**
 * One message of a conversation.
 *
 * @param role who speaks
 * @param content plain text, never trimmed: nothing in it can become a control token or a token of the chat template
 * @param decision what was decided before an answer, a category's id or {@code respond}; where the readout has a token for
 *     that, it stands before the text. Null: nothing was, or that is not known
 */
public record Message(Role role, String content, @Nullable String decision) {

    private static final String NO_DECISION =
            "an answer's decision is null: where there was none, leave it out: Message.assistant(content)";

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
     * A message; the methods below make one of each kind.
     *
     * @throws IllegalArgumentException if role or content is null, the decision is blank, or a message that is no answer has one
     */
    public Message {
        if (role == null || content == null) {
            throw new IllegalArgumentException("a message's " + (role == null ? "role" : "content") + " is null");
        }
        if (decision != null && role != Role.ASSISTANT) {
            throw new IllegalArgumentException("a message of the " + role.id + " has the decision " + decision
                    + ": only an assistant's answer has one");
        }
        if (decision != null && decision.isBlank()) {
            throw new IllegalArgumentException("an answer's decision is blank: it is a category's id or respond");
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
     * What was answered earlier in the conversation, after a decision that was kept as an id, as in a log or a file. After one that is
     * at hand there is {@link #assistant(String, Decision)}.
     *
     * <p>Whether a model has such a label is looked at when it is asked: one that writes its decisions before its answers refuses an
     * id that it does not have with an IllegalArgumentException; another one leaves the id unread.
     *
     * @param decision a category's id, or {@code respond}
     * @throws IllegalArgumentException if it is null or blank
     */
    public static Message assistantAfter(String content, String decision) {
        if (decision == null) {
            throw new IllegalArgumentException(NO_DECISION);
        }
        return new Message(Role.ASSISTANT, content, decision);
    }

    /**
     * What was answered earlier in the conversation, after this decision; after a {@link Decision.Model} as without one.
     *
     * @throws IllegalArgumentException if {@code decision} is null: without one there is {@link #assistant(String)}
     */
    public static Message assistant(String content, Decision decision) {
        if (decision == null) {
            throw new IllegalArgumentException(NO_DECISION);
        }
        String label = null; // of what the model did by itself
        if (decision instanceof Decision.Refuse refuse) {
            label = refuse.category().id();
        } else if (decision instanceof Decision.Respond) {
            label = Labels.RESPOND;
        }
        return new Message(Role.ASSISTANT, content, label);
    }
}
