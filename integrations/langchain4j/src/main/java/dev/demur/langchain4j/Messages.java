package dev.demur.langchain4j;

import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** LangChain4j's messages as Demur's. */
final class Messages {

    /** Under this key an answer keeps the label of its decision, so that it stands before it in the next prompt. */
    static final String DECISION = "demur.decision";

    private Messages() {}

    /**
     * Messages for a model with these labels.
     *
     * @throws UnsupportedFeatureException if one has something besides text; it is named
     */
    static List<Message> of(List<? extends ChatMessage> messages, Labels labels) {
        return messages.stream().map(message -> of(message, labels)).toList();
    }

    private static Message of(ChatMessage message, Labels labels) {
        if (message instanceof SystemMessage system) {
            return Message.system(system.text());
        }
        if (message instanceof UserMessage user) {
            return Message.user(text(user));
        }
        if (message instanceof AiMessage answer) {
            return answer(answer, labels);
        }
        throw new UnsupportedFeatureException("A message of the type " + message.type()
                + " is not supported: Demur knows system, user and AI messages with text");
    }

    private static Message answer(AiMessage answer, Labels labels) {
        if (answer.hasToolExecutionRequests()) {
            throw new UnsupportedFeatureException(
                    "An AI message with tool execution requests is not supported: Demur calls no tools");
        }
        String text = answer.text() == null ? "" : answer.text();
        Object decision = answer.attributes().get(DECISION);
        return decision instanceof String label && labels.indexOfLabel(label) >= 0
                ? Message.assistantAfter(text, label)
                : Message.assistant(text);
    }

    /**
     * The text of a user's message.
     *
     * @throws UnsupportedFeatureException if there is something besides text, which is named
     */
    static String text(UserMessage user) {
        return text(user.contents());
    }

    /** The text of contents, part by part; errors as for {@link #text(UserMessage)}. */
    static String text(List<? extends Content> contents) {
        return contents.stream().map(Messages::text).collect(Collectors.joining("\n"));
    }

    private static String text(Content content) {
        if (content instanceof TextContent text) {
            return text.text();
        }
        String type = content.type().name().toLowerCase(Locale.ROOT);
        throw new UnsupportedFeatureException(
                "Content of the type " + type + " is not supported: Demur reads text alone");
    }

    /** An answer that keeps its decision. */
    static AiMessage answer(String text, Decision decision) {
        String label = Message.assistant(text, decision).decision();
        Map<String, Object> attributes = label == null ? Map.of() : Map.of(DECISION, label);
        return AiMessage.builder().text(text).attributes(attributes).build();
    }

    /** The id of the category that is refused; null where none is. */
    static @Nullable String category(Decision decision) {
        return decision instanceof Decision.Refuse refuse ? refuse.category().id() : null;
    }
}
