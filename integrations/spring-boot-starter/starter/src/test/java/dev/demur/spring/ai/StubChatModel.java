package dev.demur.spring.ai;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;

/** Some other provider's model, which remembers what it was asked. */
public final class StubChatModel implements ChatModel {

    /** What it always says. */
    public static final String ANSWER = "answered by another model";

    private final List<Prompt> asked = new CopyOnWriteArrayList<>();

    /** The prompts that reached it. */
    public List<Prompt> asked() {
        return asked;
    }

    @Override
    public ChatResponse call(Prompt prompt) {
        asked.add(prompt);
        return response(ANSWER);
    }

    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        asked.add(prompt);
        return Flux.fromArray(ANSWER.split("(?<= )")).map(StubChatModel::response);
    }

    private static ChatResponse response(String text) {
        return new ChatResponse(List.of(new Generation(new AssistantMessage(text))));
    }
}
