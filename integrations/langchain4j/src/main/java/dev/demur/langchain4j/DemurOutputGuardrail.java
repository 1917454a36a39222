package dev.demur.langchain4j;

import dev.demur.Demur;
import dev.demur.Request;
import dev.demur.calibration.Promise;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.guardrail.GuardrailRequestParams;
import dev.langchain4j.guardrail.OutputGuardrail;
import dev.langchain4j.guardrail.OutputGuardrailRequest;
import dev.langchain4j.guardrail.OutputGuardrailResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An output guardrail that judges the reply of any chat model. It needs a model that is asked in words by a frame that judges
 * replies ({@code LoadOptions.withReadout}); heads and control tokens see prompts only.
 *
 * <p>Judged are the user's last message, where it is known, and the reply. A reply without text passes: there is nothing to
 * judge. What is refused is a fatal result whose cause is a {@link RefusedException}, unless the builder says that something
 * else is to be said, or that the model is to try again.
 *
 * <p>Thread-safe.
 */
public final class DemurOutputGuardrail implements OutputGuardrail {

    private final Demur demur;
    private final AppliedPolicy policy;
    private final @Nullable String replacement;
    private final @Nullable String reprompt;

    private DemurOutputGuardrail(Builder builder) {
        this.demur = builder.requireDemur();
        this.policy = builder.appliedPolicy();
        this.replacement = builder.replacement;
        this.reprompt = builder.reprompt;
        if (replacement != null && reprompt != null) {
            throw new IllegalArgumentException("both a replacement and a reprompt are given: choose one");
        }
        Judging.requireJudgesReplies(demur);
    }

    /** Begins with nothing; {@code demur} is required. */
    public static Builder builder() {
        return new Builder();
    }

    /** What the policy promises on this model. */
    public Promise promise() {
        return policy.promise();
    }

    @Override
    public OutputGuardrailResult validate(OutputGuardrailRequest request) {
        return judge(lastUserMessage(request), request.responseFromLLM().aiMessage());
    }

    @Override
    public OutputGuardrailResult validate(AiMessage reply) {
        return judge(null, reply);
    }

    private OutputGuardrailResult judge(@Nullable UserMessage prompt, AiMessage reply) {
        if (reply.text() == null || reply.text().isBlank()) {
            return success();
        }
        List<Message> judged = new ArrayList<>();
        if (prompt != null) {
            judged.add(Message.user(Messages.text(prompt)));
        }
        judged.add(Message.assistant(reply.text()));
        Decision decision = demur.decide(Request.of(judged).withPolicy(policy.policy()));
        if (!(decision instanceof Decision.Refuse refuse)) {
            return success();
        }
        if (replacement != null) {
            return successWith(replacement);
        }
        String words = "the reply was " + DecisionFacts.words(refuse);
        RefusedException cause =
                new RefusedException(words, refuse, policy.policy().reply(refuse));
        return reprompt == null ? fatal(words, cause) : reprompt(words, cause, reprompt);
    }

    /** That of the request that was answered, else that of the chat memory; null where there is neither. */
    private static @Nullable UserMessage lastUserMessage(OutputGuardrailRequest request) {
        if (request.chatRequest() != null) {
            return last(request.chatRequest().messages());
        }
        GuardrailRequestParams params = request.requestParams();
        return params == null || params.chatMemory() == null
                ? null
                : last(params.chatMemory().messages());
    }

    private static @Nullable UserMessage last(List<ChatMessage> messages) {
        return UserMessage.findLast(messages).orElse(null);
    }

    /** Builds the guardrail. */
    public static final class Builder extends PolicyBuilder<Builder> {

        private @Nullable String replacement;
        private @Nullable String reprompt;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /** What is said in place of a reply that is refused. */
        public Builder replacement(String text) {
            this.replacement = text;
            return this;
        }

        /** What the chat model is told when its reply is refused; it then tries again, as often as LangChain4j lets it. */
        public Builder reprompt(String text) {
            this.reprompt = text;
            return this;
        }

        /**
         * The guardrail.
         *
         * @throws IllegalArgumentException if {@code demur} is missing or does not judge replies, or both a replacement and a
         *     reprompt are given
         * @throws dev.demur.policy.PolicyException if the policy is not for it
         */
        public DemurOutputGuardrail build() {
            return new DemurOutputGuardrail(this);
        }
    }
}
