package dev.demur.langchain4j;

import dev.demur.policy.RefusalPolicy;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** LangChain4j's parameters of a chat request, and those that only Demur has. Null where nothing is said. */
public final class DemurChatRequestParameters extends DefaultChatRequestParameters {

    private final @Nullable RefusalPolicy policy;
    private final @Nullable Integer seed;
    private final @Nullable Double minP;
    private final @Nullable Double repeatPenalty;

    private DemurChatRequestParameters(Builder builder) {
        super(builder);
        this.policy = builder.policy;
        this.seed = builder.seed;
        this.minP = builder.minP;
        this.repeatPenalty = builder.repeatPenalty;
    }

    /** What decides on this request; null: the model's policy. */
    public @Nullable RefusalPolicy policy() {
        return policy;
    }

    /** Of the random numbers; null: another one for each request. */
    public @Nullable Integer seed() {
        return seed;
    }

    /** Keeps the tokens that are at least this times as likely as the likeliest, in [0, 1]. */
    public @Nullable Double minP() {
        return minP;
    }

    /** What makes recent tokens less likely, from 0.1 to 10; 1 is none. */
    public @Nullable Double repeatPenalty() {
        return repeatPenalty;
    }

    @Override
    public DemurChatRequestParameters overrideWith(ChatRequestParameters that) {
        return builder().overrideWith(this).overrideWith(that).build();
    }

    @Override
    public DemurChatRequestParameters defaultedBy(ChatRequestParameters that) {
        return builder().overrideWith(that).overrideWith(this).build();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof DemurChatRequestParameters that
                && Objects.equals(policy, that.policy)
                && Objects.equals(seed, that.seed)
                && Objects.equals(minP, that.minP)
                && Objects.equals(repeatPenalty, that.repeatPenalty);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), policy, seed, minP, repeatPenalty);
    }

    @Override
    public String toString() {
        return "DemurChatRequestParameters{" + super.toString() + ", policy="
                + (policy == null ? null : policy.checksum()) + ", seed=" + seed + ", minP=" + minP + ", repeatPenalty="
                + repeatPenalty + "}";
    }

    /** Begins with nothing said. */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds parameters. */
    public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {

        private @Nullable RefusalPolicy policy;
        private @Nullable Integer seed;
        private @Nullable Double minP;
        private @Nullable Double repeatPenalty;

        private Builder() {}

        @Override
        public Builder overrideWith(ChatRequestParameters parameters) {
            super.overrideWith(parameters);
            if (parameters instanceof DemurChatRequestParameters own) {
                policy = own.policy == null ? policy : own.policy;
                seed = own.seed == null ? seed : own.seed;
                minP = own.minP == null ? minP : own.minP;
                repeatPenalty = own.repeatPenalty == null ? repeatPenalty : own.repeatPenalty;
            }
            return this;
        }

        /** What decides on this request, in place of the model's policy. */
        public Builder policy(@Nullable RefusalPolicy newPolicy) {
            this.policy = newPolicy;
            return this;
        }

        /** The seed of the random numbers; the same seed gives the same text on the same machine. */
        public Builder seed(@Nullable Integer newSeed) {
            this.seed = newSeed;
            return this;
        }

        /** Keeps the tokens that are at least this times as likely as the likeliest, in [0, 1]. */
        public Builder minP(@Nullable Double newMinP) {
            this.minP = newMinP;
            return this;
        }

        /** Makes recent tokens less likely, from 0.1 to 10; 1 is none. */
        public Builder repeatPenalty(@Nullable Double newRepeatPenalty) {
            this.repeatPenalty = newRepeatPenalty;
            return this;
        }

        @Override
        public DemurChatRequestParameters build() {
            return new DemurChatRequestParameters(this);
        }
    }
}
