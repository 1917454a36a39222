package dev.demur.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StreamingIT {

    private static final int MINUTES = 30;
    private static Demur tiny;

    @BeforeAll
    static void load() {
        tiny = Models.tiny(LoadOptions.DEFAULTS);
    }

    @AfterAll
    static void close() {
        tiny.close();
    }

    private static DemurStreamingChatModel open() {
        return DemurStreamingChatModel.builder()
                .demur(tiny)
                .policy(Models.open(tiny))
                .build();
    }

    private static ChatRequest request(int most) {
        return ChatRequest.builder()
                .messages(UserMessage.from("hello"))
                .parameters(DemurChatRequestParameters.builder()
                        .temperature(5.0)
                        .seed(1)
                        .maxOutputTokens(most)
                        .build())
                .build();
    }

    /** Asks for events one at a time until it has enough. */
    private static final class Subscriber implements Flow.Subscriber<ChatModelStreamingEvent> {

        private final int most;
        private final List<ChatModelStreamingEvent> events = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        private final CompletableFuture<Void> enough = new CompletableFuture<>();
        private final CompletableFuture<Void> end = new CompletableFuture<>();

        Subscriber(int most) {
            this.most = most;
        }

        @Override
        public void onSubscribe(Flow.Subscription newSubscription) {
            subscription.complete(newSubscription);
            newSubscription.request(1);
        }

        @Override
        public void onNext(ChatModelStreamingEvent event) {
            events.add(event);
            if (events.size() == most) {
                enough.complete(null);
            } else {
                subscription.join().request(1);
            }
        }

        @Override
        public void onError(Throwable error) {
            end.completeExceptionally(error);
        }

        @Override
        public void onComplete() {
            end.complete(null);
        }
    }

    @Test
    void a_refusal_is_streamed_like_any_reply() throws Exception {
        StringBuilder text = new StringBuilder();
        CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        DemurStreamingChatModel.builder()
                .demur(Models.small())
                .build()
                .chat(Models.REFUSED, new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                        text.append(piece.text());
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        whole.complete(response);
                    }

                    @Override
                    public void onError(Throwable error) {
                        whole.completeExceptionally(error);
                    }
                });
        ChatResponse response = whole.get(MINUTES, TimeUnit.MINUTES);
        assertThat(DemurChatResponseMetadata.of(response).isRefused()).isTrue();
        assertThat(text).hasToString(response.aiMessage().text()).isNotEmpty();
    }

    @Test
    void a_publisher_gives_as_much_as_is_asked_for_and_then_the_whole() throws Exception {
        Subscriber subscriber = new Subscriber(Integer.MAX_VALUE);
        open().chat(request(12)).subscribe(subscriber);
        subscriber.end.get(MINUTES, TimeUnit.MINUTES);
        ChatModelStreamingEvent last = subscriber.events.get(subscriber.events.size() - 1);
        assertThat(last).isInstanceOf(CompleteResponse.class);
        String pieces = subscriber.events.stream()
                .filter(PartialResponse.class::isInstance)
                .map(event -> ((PartialResponse) event).text())
                .collect(Collectors.joining());
        ChatResponse whole = ((CompleteResponse) last).chatResponse();
        assertThat(pieces).isEqualTo(whole.aiMessage().text()).isNotEmpty();
        assertThat(DemurChatResponseMetadata.of(whole).isRefused()).isFalse();
    }

    @Test
    void a_subscriber_that_asks_for_no_more_gets_no_more_and_can_cancel() throws Exception {
        Subscriber subscriber = new Subscriber(3);
        open().chat(request(1_000_000)).subscribe(subscriber);
        subscriber.enough.get(MINUTES, TimeUnit.MINUTES);
        subscriber.subscription.join().cancel();
        // The model goes on with the next request only when the one before has ended.
        Subscriber next = new Subscriber(Integer.MAX_VALUE);
        open().chat(request(2)).subscribe(next);
        next.end.get(MINUTES, TimeUnit.MINUTES);
        assertThat(subscriber.events).hasSize(3);
        assertThat(subscriber.end).isNotDone();
    }

    @Test
    void a_publisher_tells_what_cannot_be_honoured() {
        Subscriber subscriber = new Subscriber(Integer.MAX_VALUE);
        open().chat(ChatRequest.builder()
                        .messages(UserMessage.from("hello"))
                        .parameters(ChatRequestParameters.builder()
                                .modelName("another")
                                .build())
                        .build())
                .subscribe(subscriber);
        assertThat(subscriber.end)
                .failsWithin(MINUTES, TimeUnit.MINUTES)
                .withThrowableOfType(java.util.concurrent.ExecutionException.class)
                .withCauseInstanceOf(UnsupportedFeatureException.class)
                .withMessageContaining("modelName");
    }
}
