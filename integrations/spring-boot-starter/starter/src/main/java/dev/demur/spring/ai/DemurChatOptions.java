package dev.demur.spring.ai;

import dev.demur.GenerationOptions;
import dev.demur.grammar.Grammar;
import dev.demur.llama.Sampling;
import dev.demur.policy.RefusalPolicy;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.DefaultChatOptions;
import org.springframework.ai.model.tool.DefaultStructuredOutputChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;

/**
 * Options of {@link DemurChatModel}: Spring AI's portable ones, a JSON schema that the answer follows, and those that Demur has
 * besides. What is null is left to the model's defaults.
 *
 * <p>They can carry tools only so that the model can refuse them by name: it calls none.
 */
public final class DemurChatOptions extends DefaultToolCallingChatOptions implements StructuredOutputChatOptions {

    private final @Nullable Double minP;
    private final @Nullable Double repeatPenalty;
    private final @Nullable Integer seed;
    private final @Nullable String outputSchema;
    private final @Nullable RefusalPolicy policy;

    private DemurChatOptions(Builder builder) {
        super(
                builder.tools(),
                builder.context(),
                builder.model(),
                builder.frequencyPenalty(),
                builder.maxTokens(),
                builder.presencePenalty(),
                builder.stopSequences(),
                builder.temperature(),
                builder.topK(),
                builder.topP());
        this.minP = builder.minP;
        this.repeatPenalty = builder.repeatPenalty;
        this.seed = builder.seed;
        this.outputSchema = builder.outputSchema;
        this.policy = builder.policy;
    }

    /** New options, all null. */
    public static Builder builder() {
        return new Builder();
    }

    /** Keeps the tokens that are at least this times as likely as the likeliest; 0 keeps all. */
    public @Nullable Double getMinP() {
        return minP;
    }

    /** Divides positive logits of recent tokens and multiplies the others; 1 is none. */
    public @Nullable Double getRepeatPenalty() {
        return repeatPenalty;
    }

    /** Of the random numbers, which play a part above temperature 0. */
    public @Nullable Integer getSeed() {
        return seed;
    }

    /** The JSON schema that an answer follows; a refusal follows none. */
    @Override
    public @Nullable String getOutputSchema() {
        return outputSchema;
    }

    /** What decides this request. */
    public @Nullable RefusalPolicy getPolicy() {
        return policy;
    }

    @Override
    public Builder mutate() {
        Builder builder = new Builder();
        builder.model(getModel())
                .frequencyPenalty(getFrequencyPenalty())
                .maxTokens(getMaxTokens())
                .presencePenalty(getPresencePenalty())
                .stopSequences(getStopSequences())
                .temperature(getTemperature())
                .topK(getTopK())
                .topP(getTopP())
                .toolCallbacks(getToolCallbacks())
                .toolContext(getToolContext());
        builder.minP = minP;
        builder.repeatPenalty = repeatPenalty;
        builder.seed = seed;
        builder.outputSchema = outputSchema;
        builder.policy = policy;
        return builder;
    }

    /**
     * Checks what can be checked without a model.
     *
     * @throws IllegalArgumentException naming the option that cannot be honoured
     */
    public void requireValid() {
        generation(this, this, getModel() == null ? "" : getModel());
    }

    /**
     * What to generate by.
     *
     * @param given a request's options; null: none
     * @param defaults what stands where these are null
     * @param modelName the only model that may be named
     * @throws IllegalArgumentException naming the option that cannot be honoured
     */
    static GenerationOptions generation(@Nullable ChatOptions given, DemurChatOptions defaults, String modelName) {
        DemurChatOptions own = given == null ? defaults : known(given);
        require(own, modelName);
        Sampling sampling = Sampling.GREEDY
                .withTemperature(first(own.getTemperature(), defaults.getTemperature(), 0.0))
                .withTopK(first(own.getTopK(), defaults.getTopK(), 0))
                .withTopP(first(own.getTopP(), defaults.getTopP(), 1.0))
                .withMinP(first(own.minP, defaults.minP, 0.0))
                .withRepeatPenalty(first(own.repeatPenalty, defaults.repeatPenalty, 1.0))
                .withFrequencyPenalty(first(own.getFrequencyPenalty(), defaults.getFrequencyPenalty(), 0.0))
                .withPresencePenalty(first(own.getPresencePenalty(), defaults.getPresencePenalty(), 0.0))
                .withSeed(first(own.seed, defaults.seed, 0));
        List<String> stops = first(own.getStopSequences(), defaults.getStopSequences(), List.of());
        String schema = own.outputSchema != null ? own.outputSchema : defaults.outputSchema;
        return GenerationOptions.DEFAULTS
                .withPolicy(own.policy != null ? own.policy : defaults.policy)
                .withSampling(sampling)
                .withMaxTokens(
                        first(own.getMaxTokens(), defaults.getMaxTokens(), GenerationOptions.DEFAULTS.maxTokens()))
                .withStopStrings(stops)
                .withGrammar(schema == null ? null : Grammar.ofJsonSchema(schema));
    }

    private static <T> T first(@Nullable T own, @Nullable T otherwise, T last) {
        return own != null ? own : otherwise != null ? otherwise : last;
    }

    /** Portable options as ours; those of another provider may say what nobody here would see. */
    private static DemurChatOptions known(ChatOptions given) {
        if (given instanceof DemurChatOptions own) {
            return own;
        }
        Class<?> type = given.getClass();
        if (type != DefaultChatOptions.class
                && type != DefaultToolCallingChatOptions.class
                && type != DefaultStructuredOutputChatOptions.class) {
            throw new IllegalArgumentException(
                    "the options are of " + type.getName()
                            + ", which may set what Demur does not know: use DemurChatOptions.builder() or ChatOptions.builder()");
        }
        Builder builder = builder();
        builder.model(given.getModel())
                .frequencyPenalty(given.getFrequencyPenalty())
                .maxTokens(given.getMaxTokens())
                .presencePenalty(given.getPresencePenalty())
                .stopSequences(given.getStopSequences())
                .temperature(given.getTemperature())
                .topK(given.getTopK())
                .topP(given.getTopP());
        if (given instanceof ToolCallingChatOptions tools) {
            builder.toolCallbacks(tools.getToolCallbacks()).toolContext(tools.getToolContext());
        }
        if (given instanceof StructuredOutputChatOptions structured) {
            builder.outputSchema(structured.getOutputSchema());
        }
        return builder.build();
    }

    private static void require(DemurChatOptions own, String modelName) {
        if (own.getToolCallbacks() != null && !own.getToolCallbacks().isEmpty()) {
            throw new IllegalArgumentException("tools are given ("
                    + own.getToolCallbacks().get(0).getToolDefinition().name()
                    + "): Demur's chat model calls none, leave them out");
        }
        if (own.getToolContext() != null && !own.getToolContext().isEmpty()) {
            throw new IllegalArgumentException(
                    "a tool context is given: Demur's chat model calls no tools, leave it out");
        }
        if (own.getModel() != null && !own.getModel().equals(modelName)) {
            throw new IllegalArgumentException("the option model is '" + own.getModel() + "': this application loaded "
                    + modelName + " (demur.model), name that or leave the option out");
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DemurChatOptions that
                && super.equals(other)
                && Objects.equals(minP, that.minP)
                && Objects.equals(repeatPenalty, that.repeatPenalty)
                && Objects.equals(seed, that.seed)
                && Objects.equals(outputSchema, that.outputSchema)
                && Objects.equals(policy, that.policy);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), minP, repeatPenalty, seed, outputSchema, policy);
    }

    /** Builds options. */
    public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
            implements StructuredOutputChatOptions.Builder<Builder> {

        private @Nullable Double minP;
        private @Nullable Double repeatPenalty;
        private @Nullable Integer seed;
        private @Nullable String outputSchema;
        private @Nullable RefusalPolicy policy;

        private Builder() {}

        /** As {@link DemurChatOptions#getMinP}. */
        public Builder minP(@Nullable Double newMinP) {
            this.minP = newMinP;
            return this;
        }

        /** As {@link DemurChatOptions#getRepeatPenalty}. */
        public Builder repeatPenalty(@Nullable Double newRepeatPenalty) {
            this.repeatPenalty = newRepeatPenalty;
            return this;
        }

        /** As {@link DemurChatOptions#getSeed}. */
        public Builder seed(@Nullable Integer newSeed) {
            this.seed = newSeed;
            return this;
        }

        /** As {@link DemurChatOptions#getPolicy}. */
        public Builder policy(@Nullable RefusalPolicy newPolicy) {
            this.policy = newPolicy;
            return this;
        }

        @Override
        public Builder outputSchema(@Nullable String newOutputSchema) {
            this.outputSchema = newOutputSchema;
            return this;
        }

        @Override
        public Builder combineWith(ChatOptions.Builder<?> other) {
            super.combineWith(other);
            if (other instanceof Builder that) {
                minP = that.minP != null ? that.minP : minP;
                repeatPenalty = that.repeatPenalty != null ? that.repeatPenalty : repeatPenalty;
                seed = that.seed != null ? that.seed : seed;
                outputSchema = that.outputSchema != null ? that.outputSchema : outputSchema;
                policy = that.policy != null ? that.policy : policy;
            } else if (other instanceof StructuredOutputChatOptions.Builder<?> structured
                    && structured.build() instanceof StructuredOutputChatOptions built
                    && built.getOutputSchema() != null) {
                outputSchema = built.getOutputSchema();
            }
            return this;
        }

        @Override
        public DemurChatOptions build() {
            return new DemurChatOptions(this);
        }

        // What the fields of the superclass hold, for the constructor above.

        private @Nullable List<org.springframework.ai.tool.ToolCallback> tools() {
            return toolCallbacks;
        }

        private java.util.@Nullable Map<String, Object> context() {
            return toolContext;
        }

        private @Nullable String model() {
            return model;
        }

        private @Nullable Double frequencyPenalty() {
            return frequencyPenalty;
        }

        private @Nullable Integer maxTokens() {
            return maxTokens;
        }

        private @Nullable Double presencePenalty() {
            return presencePenalty;
        }

        private @Nullable List<String> stopSequences() {
            return stopSequences;
        }

        private @Nullable Double temperature() {
            return temperature;
        }

        private @Nullable Integer topK() {
            return topK;
        }

        private @Nullable Double topP() {
            return topP;
        }
    }
}
