package dev.demur.spring.ai;

import dev.demur.FinishReason;
import dev.demur.Timings;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;

/** Spring AI's responses with Demur's decision in them. */
final class Responses {

    private Responses() {}

    /** Spring AI's name for a finish reason; Demur's own stands beside it. */
    static String finishReason(FinishReason reason) {
        return switch (reason) {
            case STOP, STOP_STRING, FIXED_REPLY -> "STOP";
            case LENGTH -> "LENGTH";
            case CANCELLED -> "CANCELLED";
        };
    }

    static Usage usage(Timings timings) {
        int prompt = timings.promptTokens();
        int generated = timings.generatedTokens();
        return new DefaultUsage(prompt, generated, prompt + generated, timings, (long) timings.heldTokens(), null);
    }

    static Usage usage(int promptTokens, int generatedTokens) {
        return new DefaultUsage(promptTokens, generatedTokens);
    }

    static String newId() {
        return "demur-" + UUID.randomUUID();
    }

    /** A response that is all there is. */
    static ChatResponse whole(
            String model,
            Map<String, Object> decided,
            String text,
            String finishReason,
            String ownFinishReason,
            Usage usage) {
        return part(newId(), model, decided, text, new End(finishReason, ownFinishReason, usage));
    }

    /** How a response ends. */
    record End(String finishReason, String ownFinishReason, Usage usage) {}

    /**
     * A response or a piece of one.
     *
     * @param end null for a piece that others follow
     */
    static ChatResponse part(String id, String model, Map<String, Object> decided, String text, @Nullable End end) {
        ChatGenerationMetadata.Builder generation = ChatGenerationMetadata.builder();
        ChatResponseMetadata.Builder response =
                ChatResponseMetadata.builder().id(id).model(model);
        decided.forEach(response::keyValue);
        if (end != null) {
            generation.finishReason(end.finishReason());
            generation.metadata(DecisionMetadata.FINISH_REASON, end.ownFinishReason());
            if (decided.get(DecisionMetadata.CATEGORY) instanceof String category) {
                generation.contentFilter(category);
            }
            response.keyValue(DecisionMetadata.FINISH_REASON, end.ownFinishReason());
            response.usage(end.usage());
        }
        AssistantMessage message =
                AssistantMessage.builder().content(text).properties(decided).build();
        return new ChatResponse(List.of(new Generation(message, generation.build())), response.build());
    }
}
