package dev.demur;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to load a model.
 *
 * @param llama a llama.cpp library or the folder with it; null for {@code demur.llama}, else java-llama.cpp's
 * @param gpuLayers layers to put on a GPU; negative leaves it to llama.cpp
 * @param threads how many threads compute; 0 for as many as this process has processors, or one for a model so small
 *     that threads would wait for each other longer than they compute
 * @param contextSize tokens that a prompt and its reply may have together; 0 for what the model was trained for, at most
 *     {@value #DEFAULT_CONTEXT}
 * @param kernel the logits processor's kernel ({@code scalar}, {@code avx2}, {@code avx512}, {@code neon}); null for the
 *     best that this processor has
 * @param chatTemplate the name of one of llama.cpp's chat templates; null for the model file's own
 * @param controlTokens category ids and their token texts, the respond token under the id {@code respond}, for a model
 *     whose file does not tell, in the order of this map, which breaks ties; empty to find them in the file
 */
public record LoadOptions(
        @Nullable Path llama,
        int gpuLayers,
        int threads,
        int contextSize,
        @Nullable String kernel,
        @Nullable String chatTemplate,
        Map<String, String> controlTokens) {

    static final int DEFAULT_CONTEXT = 4096;

    /** Below this size a second thread slowed generation down wherever it was measured, and much on a busy machine. */
    private static final long ONE_THREAD_BYTES = 32L << 20;

    /** Everything as the model file and this machine suggest. */
    public static final LoadOptions DEFAULTS = new LoadOptions(null, -1, 0, 0, null, null, Map.of());

    public LoadOptions {
        controlTokens = Collections.unmodifiableMap(new LinkedHashMap<>(controlTokens));
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + ": it must be 0 (all processors) or more");
        }
        if (contextSize < 0) {
            throw new IllegalArgumentException(
                    "context size is " + contextSize + ": it must be 0 (the model's) or more");
        }
    }

    public LoadOptions withLlama(@Nullable Path newLlama) {
        return new LoadOptions(newLlama, gpuLayers, threads, contextSize, kernel, chatTemplate, controlTokens);
    }

    public LoadOptions withGpuLayers(int newGpuLayers) {
        return new LoadOptions(llama, newGpuLayers, threads, contextSize, kernel, chatTemplate, controlTokens);
    }

    public LoadOptions withThreads(int newThreads) {
        return new LoadOptions(llama, gpuLayers, newThreads, contextSize, kernel, chatTemplate, controlTokens);
    }

    public LoadOptions withContextSize(int newContextSize) {
        return new LoadOptions(llama, gpuLayers, threads, newContextSize, kernel, chatTemplate, controlTokens);
    }

    public LoadOptions withKernel(@Nullable String newKernel) {
        return new LoadOptions(llama, gpuLayers, threads, contextSize, newKernel, chatTemplate, controlTokens);
    }

    public LoadOptions withChatTemplate(@Nullable String newChatTemplate) {
        return new LoadOptions(llama, gpuLayers, threads, contextSize, kernel, newChatTemplate, controlTokens);
    }

    public LoadOptions withControlTokens(Map<String, String> newControlTokens) {
        return new LoadOptions(llama, gpuLayers, threads, contextSize, kernel, chatTemplate, newControlTokens);
    }

    /** The threads to use for a model of that size. */
    public int threadsOrDefault(long modelBytes) {
        if (threads > 0) {
            return threads;
        }
        return modelBytes < ONE_THREAD_BYTES ? 1 : Runtime.getRuntime().availableProcessors();
    }

    /** The context size to use for a model that was trained for {@code trained} tokens. */
    public int contextSizeOrDefault(int trained) {
        return contextSize > 0 ? contextSize : Math.min(trained, DEFAULT_CONTEXT);
    }
}
