package dev.demur.langchain4j;

import dev.demur.llama.Message;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.function.Function;

/**
 * In place of two of LangChain4j's tests: the bundled model has 135 million parameters, knows hardly any German and repeats
 * itself where it should look back. What it is told is looked at instead: its system message is longer than the usual one.
 */
final class ConversationCases {

    private static final int TOKENS = 8;

    private ConversationCases() {}

    static void systemMessage(Function<ChatRequest, ChatResponse> model) {
        String system = "Translate all messages from the user into German, and answer with the translation alone";
        String user = "Translate: 'I love you'";
        ChatRequest request = ChatRequest.builder()
                .messages(SystemMessage.from(system), UserMessage.from(user))
                .maxOutputTokens(TOKENS)
                .build();
        Models.requireWholePrompt(model.apply(request), Message.system(system), Message.user(user));
    }

    static void severalMessages(Function<ChatRequest, ChatResponse> model) {
        ChatRequest request = ChatRequest.builder()
                .messages(
                        UserMessage.from("Hi, my favorite color is green"),
                        AiMessage.from("Hi"),
                        UserMessage.from("Which?"))
                .maxOutputTokens(TOKENS)
                .build();
        Models.requireWholePrompt(
                model.apply(request),
                Message.user("Hi, my favorite color is green"),
                Message.assistant("Hi"),
                Message.user("Which?"));
    }
}
