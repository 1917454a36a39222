package dev.demur.spring.boot;

import dev.demur.spring.ai.DemurChatOptions;
import java.util.function.Consumer;

/** The chat model's default options, each checked by itself, so that the property that is wrong can be named. */
final class ChatDefaults {

    private static final String PREFIX = "demur.chat.";

    private ChatDefaults() {}

    static int maxTokens(DemurProperties.Chat chat) {
        set(DemurChatOptions.builder(), "max-tokens", b -> b.maxTokens(chat.maxTokens()));
        return chat.maxTokens();
    }

    static DemurChatOptions of(DemurProperties.Chat chat, String modelName) {
        DemurChatOptions.Builder all = DemurChatOptions.builder().model(modelName);
        set(all, "max-tokens", b -> b.maxTokens(chat.maxTokens()));
        set(all, "temperature", b -> b.temperature(chat.temperature()));
        set(all, "top-k", b -> b.topK(chat.topK()));
        set(all, "top-p", b -> b.topP(chat.topP()));
        set(all, "min-p", b -> b.minP(chat.minP()));
        set(all, "repeat-penalty", b -> b.repeatPenalty(chat.repeatPenalty()));
        set(all, "frequency-penalty", b -> b.frequencyPenalty(chat.frequencyPenalty()));
        set(all, "presence-penalty", b -> b.presencePenalty(chat.presencePenalty()));
        set(all, "seed", b -> b.seed(chat.seed()));
        set(all, "stop-sequences", b -> b.stopSequences(chat.stopSequences()));
        return all.build();
    }

    private static void set(DemurChatOptions.Builder all, String name, Consumer<DemurChatOptions.Builder> option) {
        DemurChatOptions.Builder alone = DemurChatOptions.builder();
        option.accept(alone);
        try {
            alone.build().requireValid();
        } catch (IllegalArgumentException e) {
            throw new DemurStartException(PREFIX + name, e.getMessage() + ".", "Correct " + PREFIX + name + ".", e);
        }
        option.accept(all);
    }
}
