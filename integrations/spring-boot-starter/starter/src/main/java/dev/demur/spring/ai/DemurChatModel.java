package dev.demur.spring.ai;

import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.spring.DemurTemplate;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.MessageAggregator;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Schedulers;

/**
 * Demur as a chat model: it decides, then answers or refuses, in this process. A refusal is a reply like any other, with the
 * decision in the metadata under the names of {@link DecisionMetadata}.
 *
 * <p>{@link #stream} works on a thread of Reactor's for blocking work, from the subscription on; cancelling the subscription
 * ends the generation at its next token. Options are honoured or refused by name ({@link DemurChatOptions}), tools and media are
 * refused. A prompt that Demur cannot read is an {@link IllegalArgumentException}; other errors are those of {@link
 * dev.demur.Demur#generate(dev.demur.Request, dev.demur.GenerationListener)}.
 *
 * <p>Thread-safe.
 */
public final class DemurChatModel implements ChatModel {

    private static final ChatModelObservationConvention CONVENTION = new DefaultChatModelObservationConvention();
    private static final String PROVIDER = "demur";

    private final DemurTemplate template;
    private final DemurChatOptions defaults;
    private final ObservationRegistry observations;
    private final @Nullable ChatModelObservationConvention convention;

    /** A chat model that nobody observes. */
    public DemurChatModel(DemurTemplate template, DemurChatOptions defaults) {
        this(template, defaults, ObservationRegistry.NOOP, null);
    }

    /**
     * A chat model.
     *
     * @param defaults what stands where a request's options are null
     * @param observations hears of each call, as of any model's
     * @param convention how calls are named; null for Spring AI's own way
     */
    public DemurChatModel(
            DemurTemplate template,
            DemurChatOptions defaults,
            ObservationRegistry observations,
            @Nullable ChatModelObservationConvention convention) {
        this.template = template;
        this.defaults = defaults;
        this.observations = observations;
        this.convention = convention;
    }

    @Override
    public DemurChatOptions getOptions() {
        return defaults;
    }

    @Override
    public ChatResponse call(Prompt prompt) {
        Request request = request(prompt);
        ChatModelObservationContext context = context(request, false);
        return observation(context).observe(() -> {
            Generation generation = template.generate(request.messages(), request.options(), piece -> {});
            ChatResponse response = Responses.part(
                    Responses.newId(),
                    template.modelName(),
                    DecisionMetadata.of(generation.decision()),
                    generation.text(),
                    end(generation));
            context.setResponse(response);
            return response;
        });
    }

    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        return Flux.deferContextual(view -> {
            Request request = request(prompt);
            ChatModelObservationContext context = context(request, true);
            Observation observation = observation(context);
            observation
                    .parentObservation(view.getOrDefault(ObservationThreadLocalAccessor.KEY, null))
                    .start();
            Flux<ChatResponse> pieces = Flux.<ChatResponse>create(sink -> generate(request, sink))
                    .subscribeOn(Schedulers.boundedElastic())
                    .doOnError(observation::error)
                    .doFinally(signal -> observation.stop())
                    .contextWrite(written -> written.put(ObservationThreadLocalAccessor.KEY, observation));
            return new MessageAggregator().aggregate(pieces, context::setResponse);
        });
    }

    /** What is asked, as Demur has it. */
    private record Request(Prompt prompt, List<Message> messages, GenerationOptions options) {}

    private Request request(Prompt prompt) {
        List<Message> messages = Conversations.toAnswer(
                prompt.getInstructions(), template.demur().labels());
        GenerationOptions options = DemurChatOptions.generation(prompt.getOptions(), defaults, template.modelName());
        // Observers read the options, which a prompt need not have.
        Prompt known = prompt.getOptions() != null
                ? prompt
                : prompt.mutate().chatOptions(defaults).build();
        return new Request(known, messages, options);
    }

    private void generate(Request request, FluxSink<ChatResponse> sink) {
        Cancellation cancellation = new Cancellation();
        sink.onCancel(cancellation::cancel);
        Pieces pieces = new Pieces(sink, template.modelName());
        try {
            Generation generation =
                    template.generate(request.messages(), request.options().withCancellation(cancellation), pieces);
            if (!cancellation.isCancelled()) {
                pieces.end(generation);
                sink.complete();
            }
        } catch (CancellationException e) {
            if (!cancellation.isCancelled()) {
                sink.error(e);
            }
        } catch (RuntimeException e) {
            sink.error(e);
        }
    }

    /** Hands on what is generated. */
    private static final class Pieces implements GenerationListener {

        private final FluxSink<ChatResponse> sink;
        private final String model;
        private final String id = Responses.newId();
        private Map<String, Object> decided = Map.of();

        Pieces(FluxSink<ChatResponse> sink, String model) {
            this.sink = sink;
            this.model = model;
        }

        @Override
        public void decided(Decision decision) {
            decided = DecisionMetadata.of(decision);
        }

        @Override
        public void text(String piece) {
            if (!sink.isCancelled()) {
                sink.next(Responses.part(id, model, decided, piece, null));
            }
        }

        void end(Generation generation) {
            sink.next(Responses.part(id, model, decided, "", DemurChatModel.end(generation)));
        }
    }

    private static Responses.End end(Generation generation) {
        return new Responses.End(
                Responses.finishReason(generation.finishReason()),
                generation.finishReason().id(),
                Responses.usage(generation.timings()));
    }

    private static ChatModelObservationContext context(Request request, boolean streaming) {
        return ChatModelObservationContext.builder()
                .prompt(request.prompt())
                .provider(PROVIDER)
                .streaming(streaming)
                .build();
    }

    private Observation observation(ChatModelObservationContext context) {
        return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(
                convention, CONVENTION, () -> context, observations);
    }
}
