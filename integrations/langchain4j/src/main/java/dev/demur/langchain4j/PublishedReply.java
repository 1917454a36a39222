package dev.demur.langchain4j;

import dev.demur.llama.Cancellation;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.CompleteResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A reply for one subscriber, which is given as many events as it has asked for. Thread-safe. */
final class PublishedReply implements Flow.Subscription {

    private final Flow.Subscriber<? super ChatModelStreamingEvent> subscriber;
    private final Cancellation cancellation = new Cancellation();
    private final Queue<ChatModelStreamingEvent> events = new ArrayDeque<>();
    private long demand;
    private boolean ended;
    private @Nullable Throwable failure;
    private boolean delivering;
    private boolean done;

    private PublishedReply(Flow.Subscriber<? super ChatModelStreamingEvent> subscriber) {
        this.subscriber = subscriber;
    }

    /** Starts a reply for a subscriber. */
    static void start(
            Answering answering, ChatRequest request, Flow.Subscriber<? super ChatModelStreamingEvent> subscriber) {
        PublishedReply reply = new PublishedReply(Objects.requireNonNull(subscriber, "subscriber"));
        subscriber.onSubscribe(reply);
        Background.start(() -> reply.run(answering, request));
    }

    private void run(Answering answering, ChatRequest request) {
        try {
            CompleteResponse complete = new CompleteResponse(answering.answer(
                    answering.prepare(request), piece -> add(new PartialResponse(piece)), cancellation));
            add(complete);
            end(null);
        } catch (Throwable e) {
            end(e);
        }
    }

    private void add(ChatModelStreamingEvent event) {
        synchronized (this) {
            events.add(event);
        }
        deliver();
    }

    private void end(@Nullable Throwable thrown) {
        synchronized (this) {
            ended = true;
            failure = thrown;
        }
        deliver();
    }

    @Override
    public void request(long count) {
        synchronized (this) {
            if (count <= 0) {
                events.clear();
                ended = true;
                failure =
                        new IllegalArgumentException("a subscriber asked for " + count + " events: ask for 1 or more");
                cancellation.cancel();
            } else {
                demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
            }
        }
        deliver();
    }

    @Override
    public void cancel() {
        synchronized (this) {
            done = true;
            events.clear();
        }
        cancellation.cancel();
    }

    /** One thread at a time gives events; another one that comes meanwhile leaves its own to that one. */
    private void deliver() {
        while (true) {
            ChatModelStreamingEvent event;
            synchronized (this) {
                if (delivering || done) {
                    return;
                }
                if (events.isEmpty() ? !ended : demand == 0) {
                    return;
                }
                event = events.poll();
                demand -= event == null ? 0 : 1;
                done = event == null;
                delivering = true;
            }
            try {
                give(event);
            } finally {
                synchronized (this) {
                    delivering = false;
                }
            }
        }
    }

    private void give(@Nullable ChatModelStreamingEvent event) {
        if (event != null) {
            subscriber.onNext(event);
        } else if (failure != null) {
            subscriber.onError(failure);
        } else {
            subscriber.onComplete();
        }
    }
}
