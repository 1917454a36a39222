package dev.demur.langchain4j;

import dev.demur.FinishReason;
import dev.demur.calibration.Promise;
import dev.demur.policy.Decision;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What LangChain4j knows of a reply, and the decision before it. */
public final class DemurChatResponseMetadata extends ChatResponseMetadata {

    private final Decision decision;
    private final FinishReason reason;
    private final Promise promise;

    private DemurChatResponseMetadata(Builder builder) {
        super(builder);
        this.decision = builder.decision;
        this.reason = builder.reason;
        this.promise = builder.promise;
    }

    /**
     * That of a reply by one of this package's models.
     *
     * @throws IllegalArgumentException if another model replied
     */
    public static DemurChatResponseMetadata of(ChatResponse response) {
        if (response.metadata() instanceof DemurChatResponseMetadata metadata) {
            return metadata;
        }
        throw new IllegalArgumentException("this is no reply of Demur's: its metadata is a "
                + response.metadata().getClass().getName());
    }

    /** The decision at the first position, with every number that it was made from. */
    public Decision decision() {
        return decision;
    }

    /** Whether the policy refused; the reply then is the refusal. */
    public boolean isRefused() {
        return decision instanceof Decision.Refuse;
    }

    /** Why the reply ended, in Demur's words, which know more reasons than {@link #finishReason()}. */
    public FinishReason demurFinishReason() {
        return reason;
    }

    /** What the policy that decided promises. */
    public Promise promise() {
        return promise;
    }

    @Override
    public ChatResponseMetadata.Builder<?> toBuilder() {
        return toBuilder(new Builder(decision, reason, promise));
    }

    /** Equal: the same reply by the same decision. */
    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof DemurChatResponseMetadata that
                && decision.equals(that.decision)
                && reason == that.reason
                && promise.equals(that.promise);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), decision, reason, promise);
    }

    @Override
    public String toString() {
        return "DemurChatResponseMetadata{" + super.toString() + ", decision=" + decision + ", demurFinishReason="
                + reason + ", promise=" + promise + "}";
    }

    static final class Builder extends ChatResponseMetadata.Builder<Builder> {

        private final Decision decision;
        private final FinishReason reason;
        private final Promise promise;

        Builder(Decision decision, FinishReason reason, Promise promise) {
            this.decision = decision;
            this.reason = reason;
            this.promise = promise;
        }

        @Override
        public DemurChatResponseMetadata build() {
            return new DemurChatResponseMetadata(this);
        }
    }
}
