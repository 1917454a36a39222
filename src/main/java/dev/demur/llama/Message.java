package dev.demur.llama;

import dev.demur.policy.Decision;
import dev.demur.policy.Given;
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
        Given.value(role, "role");
        Given.value(content, "content");
        if (decision != null && role != Role.ASSISTANT) {
            throw new IllegalArgumentException("a message of the " + role.id + " has the decision " + decision
                    + ": only an assistant's answer has one");
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
     * What was answered earlier in the conversation, after a decision.
     *
     * @param decision a category's id, or {@code respond}
     */
    public static Message assistant(String content, String decision) {
        return new Message(Role.ASSISTANT, content, Given.value(decision, "decision"));
    }

    /** What was answered earlier in the conversation, after this decision. */
    public static Message assistant(String content, Decision decision) {
        Given.value(decision, "decision");
        String label = null; // of what the model did by itself
        if (decision instanceof Decision.Refuse refuse) {
            label = refuse.category().id();
        } else if (decision instanceof Decision.Respond) {
            label = Labels.RESPOND;
        }
        return new Message(Role.ASSISTANT, content, label);
    }
}
