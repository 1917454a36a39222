package dev.demur.langchain4j;

import dev.demur.Demur;
import dev.demur.Request;
import dev.demur.calibration.Promise;
import dev.demur.policy.Decision;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.guardrail.InputGuardrail;
import dev.langchain4j.guardrail.InputGuardrailResult;

/**
 * An input guardrail that lets through what its policy answers, before any chat model sees it.
 *
 * <p>The user's message is decided by itself, as prompts are when a policy is calibrated. What is refused is a fatal result
 * whose cause is a {@link RefusedException}. A message with something besides text is an {@link
 * dev.langchain4j.exception.UnsupportedFeatureException}: what cannot be judged does not get through.
 *
 * <p>Thread-safe.
 */
public final class DemurInputGuardrail implements InputGuardrail {

    private final Demur demur;
    private final AppliedPolicy policy;

    private DemurInputGuardrail(Builder builder) {
        this.demur = builder.requireDemur();
        this.policy = builder.appliedPolicy();
        Judging.requireJudgesPrompts(demur);
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
    public InputGuardrailResult validate(UserMessage message) {
        Decision decision = demur.decide(Request.of(Messages.text(message)).withPolicy(policy.policy()));
        if (!(decision instanceof Decision.Refuse refuse)) {
            return success();
        }
        String words = "the message was " + DecisionFacts.words(refuse);
        return fatal(words, new RefusedException(words, refuse, policy.policy().reply(refuse)));
    }

    /** Builds the guardrail. */
    public static final class Builder extends PolicyBuilder<Builder> {

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * The guardrail.
         *
         * @throws IllegalArgumentException if {@code demur} is missing, or judges replies and no prompts
         * @throws dev.demur.policy.PolicyException if the policy is not for it
         */
        public DemurInputGuardrail build() {
            return new DemurInputGuardrail(this);
        }
    }
}
