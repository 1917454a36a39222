package dev.demur;

import dev.demur.gguf.GgufFile;
import dev.demur.llama.Cancellation;
import dev.demur.llama.LlamaRuntime;
import dev.demur.llama.Placement;
import dev.demur.llama.Processing;
import dev.demur.llama.TemplateVariables;
import dev.demur.policy.Given;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How to load a model.
 *
 * @param llama a llama.cpp library or the folder with it; null for {@code demur.llama}, else java-llama.cpp's
 * @param devices what holds the layers, by llama.cpp's names in any case; empty for all GPUs, or the integrated ones
 *     where there are no others; {@code CPU} for the processor alone
 * @param gpuLayers layers to put on them, the output being one; negative for as many as their free memory takes
 *     beside a context; 0 for the processor alone
 * @param threads how many threads compute; 0 for one for each processor that others leave free when a context is made, or
 *     one alone for a model so small that threads would wait for each other longer than they compute
 * @param contextSize tokens that a prompt and its reply may have together; 0 for what the model was trained for, at most
 *     {@value #DEFAULT_CONTEXT}
 * @param parallel the most requests that are decoded together; 1 or more. With 1 they run one after another, each with the same
 *     numbers every time
 * @param cacheTokens the most tokens that the requests under way and the conversations hold together; 0 for those of one context,
 *     or {@value #TOKENS_EACH} for each request that runs in parallel if that is more. Who needs more waits until others have
 *     ended, or gives way and is decoded again
 * @param queueLimit how many calls may wait for their turn; 1 or more
 * @param whenFull what a call does that finds as many waiting
 * @param kernel the kernel that decides and draws ({@code scalar}, {@code avx2}, {@code avx512}, {@code neon}); null for the
 *     best that this processor has
 * @param chatTemplate the name of one of llama.cpp's chat templates; null for the model file's own
 * @param processing where the logits are read; in the compute graph only where the library and the device can do it and
 *     a reply is drawn greedily, without a grammar and a penalty, else on the host
 * @param controlTokens category ids and their token texts, the respond token under the id {@code respond}, for a model
 *     whose file does not tell, in the order of this map, which breaks ties; empty to find them in the file
 * @param readout what decides: the path of a head file, or {@code tokens} for the model's control tokens; null for what is found
 *     with the model, {@link dev.demur.readout.ReadoutFinder#find} says in which order
 * @param decider another model that decides, by the readout on it, in place of the one that answers; null: the same one
 * @param templateVariables what the model file's chat template is told besides the messages, such as {@code enable_thinking},
 *     as {@link TemplateVariables#copy} takes it; the template then is run as its own program
 * @param writesRefusals whether the model goes on after forced first words where a refusal would be a reply that is given as
 *     it is; a policy's own reply stands in any case
 * @param cancellation ends the load from another thread; null for none
 * @param progress hears how far llama.cpp is, from 0 to 1 and never less than before, on a thread of its own, and of 1 on
 *     the thread that loads; what it throws ends the load and reaches the caller; null for none
 */
public record LoadOptions(
        @Nullable Path llama,
        List<String> devices,
        int gpuLayers,
        int threads,
        int contextSize,
        int parallel,
        int cacheTokens,
        int queueLimit,
        WhenFull whenFull,
        @Nullable String kernel,
        @Nullable String chatTemplate,
        Processing processing,
        Map<String, String> controlTokens,
        @Nullable String readout,
        @Nullable Path decider,
        Map<String, ? extends @Nullable Object> templateVariables,
        boolean writesRefusals,
        @Nullable Cancellation cancellation,
        @Nullable DoubleConsumer progress) {

    static final int DEFAULT_CONTEXT = 4096;

    /** A prompt of some length and its reply; more in parallel have less each, and share what they do not need. */
    static final int TOKENS_EACH = 256;

    /** Eight in parallel, which brings most of what more would, have a whole context of default size between them. */
    static final int DEFAULT_PARALLEL = 8;

    /** What a call does that finds the queue full. */
    public enum WhenFull {
        /** It waits for a place in the queue, in its order. */
        WAIT,
        /** It fails at once with a {@link dev.demur.engine.QueueFullException}. */
        FAIL
    }

    /** Below this size a second thread slowed generation down wherever it was measured, and much on a busy machine. */
    private static final long ONE_THREAD_BYTES = 32L << 20;

    /** Everything as the model file and this machine suggest. */
    public static final LoadOptions DEFAULTS = new LoadOptions(
            null,
            List.of(),
            -1,
            0,
            0,
            DEFAULT_PARALLEL,
            0,
            Integer.MAX_VALUE,
            WhenFull.WAIT,
            null,
            null,
            Processing.HOST,
            Map.of(),
            null,
            null,
            Map.of(),
            false,
            null,
            null);

    public LoadOptions {
        devices = Given.list(devices, "devices");
        Given.value(processing, "processing");
        Given.value(whenFull, "when full");
        Given.value(controlTokens, "control tokens").forEach((id, text) -> {
            Given.value(id, "control tokens: an id");
            Given.value(text, "control tokens: the text of " + id);
        });
        templateVariables = TemplateVariables.copy(Given.value(templateVariables, "template variables"));
        controlTokens = Collections.unmodifiableMap(new LinkedHashMap<>(controlTokens));
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + ": it must be 0 (the free CPUs) or more");
        }
        if (contextSize < 0) {
            throw new IllegalArgumentException(
                    "context size is " + contextSize + ": it must be 0 (the model's) or more");
        }
        if (parallel < 1) {
            throw new IllegalArgumentException("parallel is " + parallel + ": it must be 1 or more requests at once");
        }
        if (cacheTokens < 0) {
            throw new IllegalArgumentException(
                    "cache tokens is " + cacheTokens + ": it must be 0 (those of one context) or more");
        }
        if (queueLimit < 1) {
            throw new IllegalArgumentException("queue limit is " + queueLimit + ": it must be 1 or more calls");
        }
    }

    /** The same with another llama.cpp library. */
    public LoadOptions withLlama(@Nullable Path newLlama) {
        Copy copy = new Copy(this);
        copy.llama = newLlama;
        return copy.made();
    }

    /** The same with other devices. */
    public LoadOptions withDevices(List<String> newDevices) {
        Copy copy = new Copy(this);
        copy.devices = newDevices;
        return copy.made();
    }

    /** The same with another number of layers on a GPU. */
    public LoadOptions withGpuLayers(int newGpuLayers) {
        Copy copy = new Copy(this);
        copy.gpuLayers = newGpuLayers;
        return copy.made();
    }

    /** The same with another number of threads. */
    public LoadOptions withThreads(int newThreads) {
        Copy copy = new Copy(this);
        copy.threads = newThreads;
        return copy.made();
    }

    /** The same with another context size. */
    public LoadOptions withContextSize(int newContextSize) {
        Copy copy = new Copy(this);
        copy.contextSize = newContextSize;
        return copy.made();
    }

    /** The same for another number of requests that are decoded together. */
    public LoadOptions withParallel(int newParallel) {
        Copy copy = new Copy(this);
        copy.parallel = newParallel;
        return copy.made();
    }

    /** The same with room for another number of tokens. */
    public LoadOptions withCacheTokens(int newCacheTokens) {
        Copy copy = new Copy(this);
        copy.cacheTokens = newCacheTokens;
        return copy.made();
    }

    /** The same with another number of calls that may wait. */
    public LoadOptions withQueueLimit(int newQueueLimit) {
        Copy copy = new Copy(this);
        copy.queueLimit = newQueueLimit;
        return copy.made();
    }

    /** The same for calls that do something else where the queue is full. */
    public LoadOptions withWhenFull(WhenFull newWhenFull) {
        Copy copy = new Copy(this);
        copy.whenFull = newWhenFull;
        return copy.made();
    }

    /** The same with another kernel. */
    public LoadOptions withKernel(@Nullable String newKernel) {
        Copy copy = new Copy(this);
        copy.kernel = newKernel;
        return copy.made();
    }

    /** The same with another chat template. */
    public LoadOptions withChatTemplate(@Nullable String newChatTemplate) {
        Copy copy = new Copy(this);
        copy.chatTemplate = newChatTemplate;
        return copy.made();
    }

    /** The same with the logits read elsewhere. */
    public LoadOptions withProcessing(Processing newProcessing) {
        Copy copy = new Copy(this);
        copy.processing = newProcessing;
        return copy.made();
    }

    /** The same with another mapping of control tokens. */
    public LoadOptions withControlTokens(Map<String, String> newControlTokens) {
        Copy copy = new Copy(this);
        copy.controlTokens = newControlTokens;
        return copy.made();
    }

    /** The same with another readout. */
    public LoadOptions withReadout(@Nullable String newReadout) {
        Copy copy = new Copy(this);
        copy.readout = newReadout;
        return copy.made();
    }

    /** The same with another model that decides. */
    public LoadOptions withDecider(@Nullable Path newDecider) {
        Copy copy = new Copy(this);
        copy.decider = newDecider;
        return copy.made();
    }

    /** The same with other variables of the chat template. */
    public LoadOptions withTemplateVariables(Map<String, ? extends @Nullable Object> newTemplateVariables) {
        Copy copy = new Copy(this);
        copy.templateVariables = newTemplateVariables;
        return copy.made();
    }

    /** The same with refusals that the model writes itself, or not. */
    public LoadOptions withWrittenRefusals(boolean newWritesRefusals) {
        Copy copy = new Copy(this);
        copy.writesRefusals = newWritesRefusals;
        return copy.made();
    }

    /** The same with another way to cancel. */
    public LoadOptions withCancellation(@Nullable Cancellation newCancellation) {
        Copy copy = new Copy(this);
        copy.cancellation = newCancellation;
        return copy.made();
    }

    /** The same with another listener to its progress. */
    public LoadOptions withProgress(@Nullable DoubleConsumer newProgress) {
        Copy copy = new Copy(this);
        copy.progress = newProgress;
        return copy.made();
    }

    /**
     * The threads to use for a model of that size.
     *
     * @param freeProcessors how many processors there are for it now; asked only where that matters
     */
    public int threadsOrDefault(long modelBytes, IntSupplier freeProcessors) {
        Given.value(freeProcessors, "free processors");
        if (threads > 0) {
            return threads;
        }
        return modelBytes < ONE_THREAD_BYTES ? 1 : Math.max(1, freeProcessors.getAsInt());
    }

    /**
     * Where to put a model's layers.
     *
     * @throws IllegalArgumentException if a device is not there, or layers are to lie on a GPU and there is none
     */
    public Placement placement(LlamaRuntime runtime, GgufFile file) {
        int trained = (int) Math.min(file.hyperparameter("context_length").orElse(0), Integer.MAX_VALUE);
        return Placement.choose(runtime, file, devices, gpuLayers, cacheTokensOrDefault(trained));
    }

    /** The context size to use for a model that was trained for {@code trained} tokens. */
    public int contextSizeOrDefault(int trained) {
        return contextSize > 0 ? contextSize : Math.min(trained, DEFAULT_CONTEXT);
    }

    /** How many tokens the cache of a model holds that was trained for {@code trained} tokens: one context's at least. */
    public int cacheTokensOrDefault(int trained) {
        int size = contextSizeOrDefault(trained);
        long asked = cacheTokens > 0 ? cacheTokens : (long) parallel * Math.min(size, TOKENS_EACH);
        return (int) Math.min(Integer.MAX_VALUE, Math.max(size, asked));
    }

    /** A copy while one of its values changes. */
    private static final class Copy {

        private @Nullable Path llama;
        private List<String> devices;
        private int gpuLayers;
        private int threads;
        private int contextSize;
        private int parallel;
        private int cacheTokens;
        private int queueLimit;
        private WhenFull whenFull;
        private @Nullable String kernel;
        private @Nullable String chatTemplate;
        private Processing processing;
        private Map<String, String> controlTokens;
        private @Nullable String readout;
        private @Nullable Path decider;
        private Map<String, ? extends @Nullable Object> templateVariables;
        private boolean writesRefusals;
        private @Nullable Cancellation cancellation;
        private @Nullable DoubleConsumer progress;

        private Copy(LoadOptions from) {
            llama = from.llama;
            devices = from.devices;
            gpuLayers = from.gpuLayers;
            threads = from.threads;
            contextSize = from.contextSize;
            parallel = from.parallel;
            cacheTokens = from.cacheTokens;
            queueLimit = from.queueLimit;
            whenFull = from.whenFull;
            kernel = from.kernel;
            chatTemplate = from.chatTemplate;
            processing = from.processing;
            controlTokens = from.controlTokens;
            readout = from.readout;
            decider = from.decider;
            templateVariables = from.templateVariables;
            writesRefusals = from.writesRefusals;
            cancellation = from.cancellation;
            progress = from.progress;
        }

        private LoadOptions made() {
            return new LoadOptions(
                    llama,
                    devices,
                    gpuLayers,
                    threads,
                    contextSize,
                    parallel,
                    cacheTokens,
                    queueLimit,
                    whenFull,
                    kernel,
                    chatTemplate,
                    processing,
                    controlTokens,
                    readout,
                    decider,
                    templateVariables,
                    writesRefusals,
                    cancellation,
                    progress);
        }
    }
}
