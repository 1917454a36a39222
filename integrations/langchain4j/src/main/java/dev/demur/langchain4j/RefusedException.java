package dev.demur.langchain4j;

import dev.demur.policy.Decision;
import dev.langchain4j.exception.LangChain4jException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A guardrail stopped a message; it is the cause of the exception that an AI service throws. */
public final class RefusedException extends LangChain4jException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Decision.@Nullable Refuse decision;
    private final @Nullable String reply;

    RefusedException(String message, Decision.Refuse decision, @Nullable String reply) {
        super(message);
        this.decision = decision;
        this.reply = reply;
    }

    /** The decision, with every number that it was made from; null where this was serialised. */
    public Decision.@Nullable Refuse decision() {
        return decision;
    }

    /** What the policy replies to the category; null where it has no reply for it. */
    public @Nullable String reply() {
        return reply;
    }
}
