package dev.demur.spring.ai;

import dev.demur.FinishReason;
import dev.demur.Generation;
import dev.demur.GenerationOptions;
import dev.demur.Request;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.spring.DemurTemplate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.api.Advisor;
import org.springframework.ai.chat.client.advisor.api.CallAdvisor;
import org.springframework.ai.chat.client.advisor.api.CallAdvisorChain;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisor;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisorChain;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Decides by Demur's policy before a {@code ChatClient}'s model sees the prompt, whatever model that is. A refusal is answered
 * here and the model is not asked; everything else goes on, with the decision in the request's context. Either way the
 * decision's numbers stand under the names of {@link DecisionMetadata}.
 *
 * <p>It comes behind Spring AI's chat memory and before its tools and whatever adds documents to the prompt: the conversation is
 * decided on as the user sees it, once for each request. Where Demur's own {@link DemurChatModel} is asked, that decides, and
 * this does nothing.
 *
 * <p>A request without a message of the user's goes on undecided. Media are not seen, only the text beside them.
 */
public final class DemurAdvisor implements CallAdvisor, StreamAdvisor {

    /** Behind the chat memory, before the tools. */
    public static final int DEFAULT_ORDER = Advisor.DEFAULT_CHAT_MEMORY_PRECEDENCE_ORDER + 50;

    private static final Log LOG = LogFactory.getLog(DemurAdvisor.class);

    private final DemurTemplate template;
    private final GenerationOptions refusals;
    private final int order;
    private final boolean seesSystem;
    private final AtomicBoolean warnedOfMedia = new AtomicBoolean();

    /** An advisor in the default place that does not look at system messages, which are meant for the model that answers. */
    public DemurAdvisor(DemurTemplate template) {
        this(template, GenerationOptions.DEFAULTS, DEFAULT_ORDER, false);
    }

    /**
     * An advisor.
     *
     * @param refusals how a refusal is written where the policy has no reply for its category
     * @param order its place among the advisors
     * @param seesSystem whether system messages are part of what is decided on; a policy's promise is about prompts with the
     *     system message that it was calibrated with, mostly none
     */
    public DemurAdvisor(DemurTemplate template, GenerationOptions refusals, int order, boolean seesSystem) {
        this.template = template;
        this.refusals = refusals;
        this.order = order;
        this.seesSystem = seesSystem;
    }

    @Override
    public String getName() {
        return "demur";
    }

    @Override
    public int getOrder() {
        return order;
    }

    @Override
    public ChatClientResponse adviseCall(ChatClientRequest request, CallAdvisorChain chain) {
        List<Message> conversation = toDecide(request.prompt());
        if (conversation.isEmpty()) {
            return chain.nextCall(request);
        }
        Verdict verdict = decide(conversation, null);
        ChatClientRequest decided = withDecision(request, verdict.decision());
        return verdict.refusal() == null ? chain.nextCall(decided) : refusal(decided, verdict, verdict.refusal());
    }

    @Override
    public Flux<ChatClientResponse> adviseStream(ChatClientRequest request, StreamAdvisorChain chain) {
        List<Message> conversation = toDecide(request.prompt());
        if (conversation.isEmpty()) {
            return chain.nextStream(request);
        }
        return decideLater(conversation).flatMapMany(verdict -> {
            ChatClientRequest decided = withDecision(request, verdict.decision());
            return verdict.refusal() == null
                    ? chain.nextStream(decided)
                    : Flux.just(refusal(decided, verdict, verdict.refusal()));
        });
    }

    /** Decides on a thread that may wait, once somebody subscribes, and for as long as nobody cancels. */
    private Mono<Verdict> decideLater(List<Message> conversation) {
        return Mono.<Verdict>create(sink -> {
                    Cancellation cancellation = new Cancellation();
                    sink.onCancel(cancellation::cancel);
                    try {
                        sink.success(decide(conversation, cancellation));
                    } catch (CancellationException e) {
                        if (!cancellation.isCancelled()) {
                            sink.error(e);
                        }
                    } catch (RuntimeException e) {
                        sink.error(e);
                    }
                })
                .subscribeOn(Schedulers.boundedElastic());
    }

    /** What is decided on; empty where nothing is to be decided here. */
    private List<Message> toDecide(Prompt prompt) {
        if (prompt.getOptions() instanceof DemurChatOptions) {
            return List.of(); // Demur's own model answers, and decides itself
        }
        boolean media = prompt.getInstructions().stream()
                .anyMatch(message ->
                        message instanceof UserMessage user && !user.getMedia().isEmpty());
        if (media && warnedOfMedia.compareAndSet(false, true)) {
            LOG.warn("A prompt has media: Demur decides on the text beside them alone (told once)");
        }
        return Conversations.toDecide(prompt.getInstructions(), template.demur().labels(), seesSystem);
    }

    /**
     * A decision, with the reply where it is a refusal.
     *
     * @param promptTokens what was read for it; 0: not known
     * @param generatedTokens what was written for the reply
     */
    private record Verdict(
            Decision decision, @Nullable String refusal, int promptTokens, int generatedTokens, String finishReason) {}

    private Verdict decide(List<Message> conversation, @Nullable Cancellation cancellation) {
        Decision decision = template.decide(conversation, cancellation);
        if (!(decision instanceof Decision.Refuse refuse)) {
            return new Verdict(decision, null, 0, 0, "");
        }
        String reply = template.policy().reply(decision);
        if (reply != null) {
            return new Verdict(decision, reply, 0, 0, FinishReason.FIXED_REPLY.id());
        }
        // Not through the template: it is the same request, and was counted.
        GenerationOptions options = refusals.withPolicy(template.policy()).withCancellation(cancellation);
        Generation written = template.demur().generate(Request.of(conversation, options));
        if (cancellation != null) {
            cancellation.throwIfCancelled("the request");
        }
        boolean same = written.decision() instanceof Decision.Refuse;
        String text = same && !written.text().isBlank()
                ? written.text()
                : "I won't answer that (" + refuse.category().name() + ").";
        return new Verdict(
                decision,
                text,
                written.timings().promptTokens(),
                written.timings().generatedTokens(),
                written.finishReason().id());
    }

    private static ChatClientRequest withDecision(ChatClientRequest request, Decision decision) {
        return request.mutate().context(DecisionMetadata.of(decision)).build();
    }

    private ChatClientResponse refusal(ChatClientRequest request, Verdict verdict, String text) {
        Map<String, Object> decided = DecisionMetadata.of(verdict.decision());
        return ChatClientResponse.builder()
                .chatResponse(Responses.whole(
                        template.modelName(),
                        decided,
                        text,
                        "STOP",
                        verdict.finishReason(),
                        Responses.usage(verdict.promptTokens(), verdict.generatedTokens())))
                .context(Map.copyOf(request.context()))
                .build();
    }
}
