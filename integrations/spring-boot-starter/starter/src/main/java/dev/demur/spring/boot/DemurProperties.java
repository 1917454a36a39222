package dev.demur.spring.boot;

import dev.demur.policy.Preset;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties below {@code demur}. A name that is none of them ends the start, because a misspelt threshold would otherwise
 * go unseen. (System properties and environment variables of Demur's own, such as {@code demur.binding}, are not looked at here.)
 *
 * @param enabled Whether to configure Demur at all.
 * @param model The GGUF file of the model: a path, or a file: URL.
 * @param readout What decides: the file of a head or frame, the name of a built-in frame (ask, llama-guard), or tokens. Default: what is found with the model.
 * @param decider The GGUF file of another model that decides in place of the one that answers.
 * @param policy The policy: a path, or a file: or classpath: URL. Default: the model's own policy.
 * @param preset The policy that the model comes with by this name, in place of demur.policy.
 * @param thresholds Thresholds that differ from the policy's, by category id: 0 to 1, or none. They void the policy's promise.
 * @param requirePromise Whether the start ends where the policy promises nothing or its promise does not hold for what is running.
 * @param llama A llama.cpp library, or the folder with it. Default: java-llama.cpp's.
 * @param devices The devices that hold the layers, by llama.cpp's names; CPU for the processor alone. Default: all GPUs.
 * @param gpuLayers How many layers lie on GPUs; -1 for as many as fit, 0 for none.
 * @param threads How many threads compute; 0 for the processors that others leave free.
 * @param contextLength How many tokens a prompt and its answer may have together; 0 for what the model was trained for, at most 4096.
 * @param parallel How many prompts at once the memory of GPUs is reckoned for.
 * @param chatTemplate The name of one of llama.cpp's chat templates. Default: the model file's own.
 * @param advisor The advisor that decides before any ChatClient.
 * @param chat Demur as a chat model of Spring AI.
 * @param health The health indicator.
 */
@ConfigurationProperties(prefix = DemurProperties.PREFIX, ignoreUnknownFields = false)
public record DemurProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String model,
        @Nullable String readout,
        @Nullable String decider,
        @Nullable String policy,
        @Nullable Preset preset,
        @DefaultValue Map<String, String> thresholds,
        @DefaultValue("false") boolean requirePromise,
        @Nullable String llama,
        @DefaultValue List<String> devices,
        @DefaultValue("-1") int gpuLayers,
        @DefaultValue("0") int threads,
        @DefaultValue("0") int contextLength,
        @DefaultValue("1") int parallel,
        @Nullable String chatTemplate,
        @DefaultValue Advisor advisor,
        @DefaultValue Chat chat,
        @DefaultValue Health health) {

    static final String PREFIX = "demur";

    /**
     * Of the advisor.
     *
     * @param enabled Whether every ChatClient that is built from Spring's builder gets the advisor.
     * @param order The advisor's place among the others. Default: behind the chat memory, before the tools.
     * @param systemMessages Whether system messages are part of what is decided on. Only where the policy was calibrated with them.
     */
    public record Advisor(
            @DefaultValue("true") boolean enabled,
            @Nullable Integer order,
            @DefaultValue("false") boolean systemMessages) {}

    /**
     * Of the chat model. What a request's options leave out is taken from here.
     *
     * @param enabled Whether there is a chat model, unless the application has another one.
     * @param maxTokens The most tokens of an answer.
     * @param temperature 0 takes the likeliest token each time.
     * @param topK Keeps the k likeliest tokens; 0 keeps all.
     * @param topP Keeps the likeliest tokens whose probabilities add up to p; 1 keeps all.
     * @param minP Keeps the tokens that are at least this times as likely as the likeliest; 0 keeps all.
     * @param repeatPenalty Divides positive logits of recent tokens and multiplies the others; 1 is none.
     * @param frequencyPenalty Is subtracted from the logits of recent tokens for each time that they are there; 0 is none.
     * @param presencePenalty Is subtracted once; 0 is none.
     * @param seed Of the random numbers.
     * @param stopSequences Each ends the answer where it comes, and is no part of it.
     */
    public record Chat(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("256") int maxTokens,
            @DefaultValue("0") double temperature,
            @DefaultValue("0") int topK,
            @DefaultValue("1") double topP,
            @DefaultValue("0") double minP,
            @DefaultValue("1") double repeatPenalty,
            @DefaultValue("0") double frequencyPenalty,
            @DefaultValue("0") double presencePenalty,
            @DefaultValue("0") int seed,
            @DefaultValue List<String> stopSequences) {}

    /**
     * Of the health indicator.
     *
     * @param fresh For how long a decision proves that the model decides; later a check decides a short prompt.
     * @param timeout How long a check may wait for the model.
     */
    public record Health(
            @DefaultValue("1m") Duration fresh,
            @DefaultValue("10s") Duration timeout) {}
}
