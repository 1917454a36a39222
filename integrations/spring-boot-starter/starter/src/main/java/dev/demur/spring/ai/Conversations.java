package dev.demur.spring.ai;

import dev.demur.llama.Message;
import dev.demur.policy.Labels;
import java.util.ArrayList;
import java.util.List;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.MessageType;
import org.springframework.ai.chat.messages.UserMessage;

/** Spring AI's messages as Demur's. */
final class Conversations {

    private Conversations() {}

    /**
     * What a conversation is decided on: all up to the user's last message, of which Demur sees the text. What a tool said
     * and what a model asked of tools is left out, because nobody said it to the model.
     *
     * @param system whether system messages are part of it
     * @return empty where the user said nothing
     */
    static List<Message> toDecide(
            List<org.springframework.ai.chat.messages.Message> messages, Labels labels, boolean system) {
        int last = messages.size() - 1;
        while (last >= 0 && messages.get(last).getMessageType() != MessageType.USER) {
            last--;
        }
        List<Message> conversation = new ArrayList<>();
        for (org.springframework.ai.chat.messages.Message message : messages.subList(0, last + 1)) {
            String text = text(message);
            switch (message.getMessageType()) {
                case SYSTEM -> {
                    if (system) {
                        conversation.add(Message.system(text));
                    }
                }
                case USER -> conversation.add(Message.user(text));
                case ASSISTANT -> {
                    if (!text.isEmpty()) {
                        conversation.add(answer(message, text, labels));
                    }
                }
                case TOOL -> {
                    // No message of the conversation.
                }
            }
        }
        return conversation;
    }

    /**
     * A conversation for Demur itself to answer.
     *
     * @throws IllegalArgumentException naming what is in it that Demur cannot read
     */
    static List<Message> toAnswer(List<org.springframework.ai.chat.messages.Message> messages, Labels labels) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("the prompt has no messages: give one of the user's at least");
        }
        List<Message> conversation = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            org.springframework.ai.chat.messages.Message message = messages.get(i);
            requireText(message, "message " + (i + 1));
            String text = text(message);
            conversation.add(
                    switch (message.getMessageType()) {
                        case SYSTEM -> Message.system(text);
                        case USER -> Message.user(text);
                        case ASSISTANT -> answer(message, text, labels);
                        case TOOL ->
                            throw new IllegalArgumentException("message " + (i + 1)
                                    + " is the response of a tool: Demur's chat model calls no tools, leave it out");
                    });
        }
        return conversation;
    }

    private static void requireText(org.springframework.ai.chat.messages.Message message, String which) {
        if (message instanceof UserMessage user && !user.getMedia().isEmpty()) {
            throw new IllegalArgumentException(
                    which + " has media (" + user.getMedia().get(0).getMimeType()
                            + "): Demur's chat model reads text alone, leave the media out");
        }
        if (message instanceof AssistantMessage assistant && assistant.hasToolCalls()) {
            throw new IllegalArgumentException(
                    which + " has tool calls: Demur's chat model calls no tools, leave them out");
        }
    }

    private static String text(org.springframework.ai.chat.messages.Message message) {
        String text = message.getText();
        return text == null ? "" : text;
    }

    /** An earlier answer, with the decision before it where Demur made one by these labels. */
    private static Message answer(org.springframework.ai.chat.messages.Message message, String text, Labels labels) {
        Object category = message.getMetadata().get(DecisionMetadata.CATEGORY);
        if (category instanceof String id && labels.indexOf(id) >= 0) {
            return Message.assistantAfter(text, id);
        }
        boolean responded = Labels.RESPOND.equals(message.getMetadata().get(DecisionMetadata.DECISION));
        return responded ? Message.assistantAfter(text, Labels.RESPOND) : Message.assistant(text);
    }
}
