package dev.demur.spring.app;

import dev.demur.spring.ai.DecisionMetadata;
import dev.demur.spring.ai.DemurChatModel;
import dev.demur.spring.ai.DemurChatOptions;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

/** What it is asked over HTTP. */
@RestController
class Controller {

    private final ChatClient other;
    private final ChatClient own;
    private final ChatClient built;

    /** How much of what never ends was written. */
    final AtomicInteger pieces = new AtomicInteger();

    Controller(ChatClient.Builder builder, DemurChatModel demur, ChatClient client) {
        built = client;
        other = builder.build();
        own = ChatClient.create(demur);
    }

    record Answer(String text, String refusedAs) {}

    private static Answer answer(ChatResponse response) {
        return new Answer(
                response.getResult().getOutput().getText(),
                DecisionMetadata.refusedCategory(response).orElse("none"));
    }

    @GetMapping("/other")
    Answer other(String question) {
        return answer(other.prompt().user(question).call().chatResponse());
    }

    @GetMapping("/built")
    Answer built(String question) {
        return answer(built.prompt().user(question).call().chatResponse());
    }

    @GetMapping("/own")
    Answer own(String question) {
        return answer(own.prompt().user(question).call().chatResponse());
    }

    @GetMapping(path = "/other/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<String> otherStream(String question) {
        return other.prompt().user(question).stream().content();
    }

    @GetMapping(path = "/own/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<String> ownStream(String question) {
        return own.prompt().user(question).stream().content();
    }

    @GetMapping(path = "/own/endless", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<String> endless(String question) {
        DemurChatOptions.Builder endless = DemurChatOptions.builder()
                .outputSchema("{\"type\":\"string\",\"minLength\":10000}")
                .maxTokens(100_000);
        return own.prompt().user(question).options(endless).stream()
                .content()
                .doOnNext(piece -> pieces.incrementAndGet());
    }

    @GetMapping("/metadata")
    ChatResponse metadata(String question) {
        return own.prompt().user(question).call().chatResponse();
    }
}
