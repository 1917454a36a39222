package dev.demur;

import dev.demur.arguments.Given;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Kernel;
import dev.demur.llama.Processing;
import dev.demur.llama.internal.TemplateVariables;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How to load a model: {@link #DEFAULTS}, and what the withers change of it. Immutable.
 */
public final class LoadOptions {

    /** The most tokens that a prompt and its reply have together where {@link #contextSize} says nothing. */
    public static final int DEFAULT_CONTEXT_SIZE = 4096;

    /** Tokens for each request in parallel where {@link #cacheTokens} says nothing: a prompt of some length and its reply. */
    public static final int CACHE_TOKENS_EACH = 256;

    /** Eight bring most of what more would, and have a context of the default size between them. */
    static final int DEFAULT_PARALLEL = 8;

    /** Everything as the model file and this machine suggest. */
    public static final LoadOptions DEFAULTS = builder().build();

    private final @Nullable Path llama;
    private final List<String> devices;
    private final int gpuLayers;
    private final int threads;
    private final int contextSize;
    private final int parallel;
    private final int cacheTokens;
    private final QueueLimit queueLimit;
    private final @Nullable Kernel kernel;
    private final @Nullable String chatTemplate;
    private final Processing processing;
    private final Map<String, String> controlTokens;
    private final @Nullable String readout;
    private final @Nullable Path decider;
    private final Map<String, ? extends @Nullable Object> templateVariables;
    private final boolean writesRefusals;
    private final @Nullable Cancellation cancellation;
    private final @Nullable DoubleConsumer progress;

    private LoadOptions(Builder from) {
        this.llama = from.llama;
        this.devices = Given.list(from.devices, "devices");
        this.gpuLayers = from.gpuLayers;
        this.threads = from.threads;
        this.contextSize = from.contextSize;
        this.parallel = from.parallel;
        this.cacheTokens = from.cacheTokens;
        this.queueLimit = Given.value(from.queueLimit, "queue limit");
        this.kernel = from.kernel;
        this.chatTemplate = from.chatTemplate;
        this.processing = from.processing;
        this.controlTokens =
                Collections.unmodifiableMap(new LinkedHashMap<>(Given.value(from.controlTokens, "control tokens")));
        this.readout = from.readout;
        this.decider = from.decider;
        this.templateVariables = TemplateVariables.copy(Given.value(from.templateVariables, "template variables"));
        this.writesRefusals = from.writesRefusals;
        this.cancellation = from.cancellation;
        this.progress = from.progress;
        Given.value(processing, "processing");
        controlTokens.forEach((id, text) -> {
            Given.value(id, "control tokens: an id");
            Given.value(text, "control tokens: the text of " + id);
        });
        requireAtLeast(0, "threads", threads, "0 (the free CPUs) or more");
        requireAtLeast(0, "context size", contextSize, "0 (the model's) or more");
        requireAtLeast(1, "parallel", parallel, "1 or more requests at once");
        requireAtLeast(0, "cache tokens", cacheTokens, "0 (those of one context) or more");
    }

    private static void requireAtLeast(int least, String name, int value, String must) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + ": it must be " + must);
        }
    }

    /** Begins with what {@link #DEFAULTS} have. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that begins with these. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.llama = llama;
        builder.devices = devices;
        builder.gpuLayers = gpuLayers;
        builder.threads = threads;
        builder.contextSize = contextSize;
        builder.parallel = parallel;
        builder.cacheTokens = cacheTokens;
        builder.queueLimit = queueLimit;
        builder.kernel = kernel;
        builder.chatTemplate = chatTemplate;
        builder.processing = processing;
        builder.controlTokens = controlTokens;
        builder.readout = readout;
        builder.decider = decider;
        builder.templateVariables = templateVariables;
        builder.writesRefusals = writesRefusals;
        builder.cancellation = cancellation;
        builder.progress = progress;
        return builder;
    }

    /** A llama.cpp library or the folder with it; null for {@code demur.llama}, else java-llama.cpp's. */
    public @Nullable Path llama() {
        return llama;
    }

    /** What holds the layers, by llama.cpp's names in any case; empty for all GPUs, or the integrated ones where there are no others; {@code CPU} for the processor alone. */
    public List<String> devices() {
        return devices;
    }

    /** Layers to put on them, the output being one; negative for as many as their free memory takes beside a context; 0 for the processor alone. */
    public int gpuLayers() {
        return gpuLayers;
    }

    /** How many threads compute; 0 for one for each processor that others leave free when a context is made, or one alone for a model so small that threads would wait for each other longer than they compute. */
    public int threads() {
        return threads;
    }

    /** Tokens that a prompt and its reply may have together; 0 for what the model was trained for, at most {@value #DEFAULT_CONTEXT_SIZE}. */
    public int contextSize() {
        return contextSize;
    }

    /**
     * The most requests that are decoded together; 1 or more. With 1 they run one after another, each with the same numbers every
     * time.
     */
    public int parallel() {
        return parallel;
    }

    /**
     * The most tokens that the requests under way and the conversations hold together; 0 for those of one context, or {@value
     * #CACHE_TOKENS_EACH} for each request in parallel if that is more. Who needs more waits until others have ended, or gives way and is
     * decoded again.
     */
    public int cacheTokens() {
        return cacheTokens;
    }

    /** How many calls may wait for their turn; by default {@link QueueLimit#NONE}: any number. */
    public QueueLimit queueLimit() {
        return queueLimit;
    }

    /** The kernel that decides and draws; null for the one that {@code demur.kernel} names, else the best that this processor has. */
    public @Nullable Kernel kernel() {
        return kernel;
    }

    /** The name of one of llama.cpp's chat templates; null for the model file's own. */
    public @Nullable String chatTemplate() {
        return chatTemplate;
    }

    /** Where the logits are read; by backend sampling only where the library and the device can do it and a reply is drawn greedily, without a grammar and a penalty, else on the host. */
    public Processing processing() {
        return processing;
    }

    /** Category ids and their token texts, the respond token under the id {@code respond}, for a model whose file does not tell, in the order of this map, which breaks ties; empty to find them in the file. */
    public Map<String, String> controlTokens() {
        return controlTokens;
    }

    /**
     * What decides: the path of a head file or of a frame ({@code .json}), the name of a frame ({@link
     * dev.demur.readout.words.Frames}), or {@code tokens} for the model's control tokens. Null for what is found with the model: the
     * control tokens that are mapped, else the head in its file, else the head beside it, else the control tokens that it was
     * trained with.
     */
    public @Nullable String readout() {
        return readout;
    }

    /** The file of another model that decides, by the readout on it, such as a guard beside a chat model; null: the one that answers decides. */
    public @Nullable Path decider() {
        return decider;
    }

    /**
     * What the model file's chat template is told besides the messages, such as {@code enable_thinking}: by name null, strings,
     * booleans, whole and floating-point numbers, lists, and maps with strings as keys. The template then is run as its own program.
     */
    public Map<String, ? extends @Nullable Object> templateVariables() {
        return templateVariables;
    }

    /** Whether the model goes on after forced first words where a refusal would be a reply that is given as it is; a policy's own reply stands in any case. */
    public boolean writesRefusals() {
        return writesRefusals;
    }

    /** Ends the load from another thread; null for none. */
    public @Nullable Cancellation cancellation() {
        return cancellation;
    }

    /** Hears how far llama.cpp is, from 0 to 1 and never less than before, on a thread of its own, and of 1 on the thread that loads; what it throws ends the load and reaches the caller; null for none. */
    public @Nullable DoubleConsumer progress() {
        return progress;
    }

    /** The same with another llama.cpp library. */
    public LoadOptions withLlama(@Nullable Path newLlama) {
        return toBuilder().llama(newLlama).build();
    }

    /** The same with other devices. */
    public LoadOptions withDevices(List<String> newDevices) {
        return toBuilder().devices(newDevices).build();
    }

    /** The same with another number of layers on a GPU. */
    public LoadOptions withGpuLayers(int newGpuLayers) {
        return toBuilder().gpuLayers(newGpuLayers).build();
    }

    /** The same with another number of threads. */
    public LoadOptions withThreads(int newThreads) {
        return toBuilder().threads(newThreads).build();
    }

    /** The same with another context size. */
    public LoadOptions withContextSize(int newContextSize) {
        return toBuilder().contextSize(newContextSize).build();
    }

    /** The same for another number of requests that are decoded together. */
    public LoadOptions withParallel(int newParallel) {
        return toBuilder().parallel(newParallel).build();
    }

    /** The same with room for another number of tokens. */
    public LoadOptions withCacheTokens(int newCacheTokens) {
        return toBuilder().cacheTokens(newCacheTokens).build();
    }

    /** The same with another number of calls that may wait. */
    public LoadOptions withQueueLimit(QueueLimit newQueueLimit) {
        return toBuilder().queueLimit(newQueueLimit).build();
    }

    /** The same with another kernel. */
    public LoadOptions withKernel(@Nullable Kernel newKernel) {
        return toBuilder().kernel(newKernel).build();
    }

    /** The same with another chat template. */
    public LoadOptions withChatTemplate(@Nullable String newChatTemplate) {
        return toBuilder().chatTemplate(newChatTemplate).build();
    }

    /** The same with the logits read elsewhere. */
    public LoadOptions withProcessing(Processing newProcessing) {
        return toBuilder().processing(newProcessing).build();
    }

    /** The same with another mapping of control tokens. */
    public LoadOptions withControlTokens(Map<String, String> newControlTokens) {
        return toBuilder().controlTokens(newControlTokens).build();
    }

    /** The same with another readout. */
    public LoadOptions withReadout(@Nullable String newReadout) {
        return toBuilder().readout(newReadout).build();
    }

    /** The same with another model that decides. */
    public LoadOptions withDecider(@Nullable Path newDecider) {
        return toBuilder().decider(newDecider).build();
    }

    /** The same with other variables of the chat template. */
    public LoadOptions withTemplateVariables(Map<String, ? extends @Nullable Object> newTemplateVariables) {
        return toBuilder().templateVariables(newTemplateVariables).build();
    }

    /** The same with refusals that the model writes itself, or not. */
    public LoadOptions withWrittenRefusals(boolean newWritesRefusals) {
        return toBuilder().writesRefusals(newWritesRefusals).build();
    }

    /** The same with another way to cancel. */
    public LoadOptions withCancellation(@Nullable Cancellation newCancellation) {
        return toBuilder().cancellation(newCancellation).build();
    }

    /** The same with another listener to its progress. */
    public LoadOptions withProgress(@Nullable DoubleConsumer newProgress) {
        return toBuilder().progress(newProgress).build();
    }

    private Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("llama", llama);
        values.put("devices", devices);
        values.put("gpuLayers", gpuLayers);
        values.put("threads", threads);
        values.put("contextSize", contextSize);
        values.put("parallel", parallel);
        values.put("cacheTokens", cacheTokens);
        values.put("queueLimit", queueLimit);
        values.put("kernel", kernel);
        values.put("chatTemplate", chatTemplate);
        values.put("processing", processing);
        values.put("controlTokens", List.copyOf(controlTokens.entrySet()));
        values.put("readout", readout);
        values.put("decider", decider);
        values.put("templateVariables", templateVariables);
        values.put("writesRefusals", writesRefusals);
        values.put("cancellation", cancellation);
        values.put("progress", progress);
        return values;
    }

    /** Whether both say the same; of what cancels and what listens only the same object is. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LoadOptions that && values().equals(that.values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return "LoadOptions" + values().entrySet();
    }

    /** Collects options of a load. */
    public static final class Builder {

        private @Nullable Path llama;
        private List<String> devices = List.of();
        private int gpuLayers = -1;
        private int threads;
        private int contextSize;
        private int parallel = DEFAULT_PARALLEL;
        private int cacheTokens;
        private QueueLimit queueLimit = QueueLimit.NONE;
        private @Nullable Kernel kernel;
        private @Nullable String chatTemplate;
        private Processing processing = Processing.HOST;
        private Map<String, String> controlTokens = Map.of();
        private @Nullable String readout;
        private @Nullable Path decider;
        private Map<String, ? extends @Nullable Object> templateVariables = Map.of();
        private boolean writesRefusals;
        private @Nullable Cancellation cancellation;
        private @Nullable DoubleConsumer progress;

        private Builder() {}

        /** Sets {@link LoadOptions#llama}. */
        public Builder llama(@Nullable Path newLlama) {
            this.llama = newLlama;
            return this;
        }

        /** Sets {@link LoadOptions#devices}. */
        public Builder devices(List<String> newDevices) {
            this.devices = newDevices;
            return this;
        }

        /** Sets {@link LoadOptions#gpuLayers}. */
        public Builder gpuLayers(int newGpuLayers) {
            this.gpuLayers = newGpuLayers;
            return this;
        }

        /** Sets {@link LoadOptions#threads}. */
        public Builder threads(int newThreads) {
            this.threads = newThreads;
            return this;
        }

        /** Sets {@link LoadOptions#contextSize}. */
        public Builder contextSize(int newContextSize) {
            this.contextSize = newContextSize;
            return this;
        }

        /** Sets {@link LoadOptions#parallel}. */
        public Builder parallel(int newParallel) {
            this.parallel = newParallel;
            return this;
        }

        /** Sets {@link LoadOptions#cacheTokens}. */
        public Builder cacheTokens(int newCacheTokens) {
            this.cacheTokens = newCacheTokens;
            return this;
        }

        /** Sets {@link LoadOptions#queueLimit}. */
        public Builder queueLimit(QueueLimit newQueueLimit) {
            this.queueLimit = newQueueLimit;
            return this;
        }

        /** Sets {@link LoadOptions#kernel}. */
        public Builder kernel(@Nullable Kernel newKernel) {
            this.kernel = newKernel;
            return this;
        }

        /** Sets {@link LoadOptions#chatTemplate}. */
        public Builder chatTemplate(@Nullable String newChatTemplate) {
            this.chatTemplate = newChatTemplate;
            return this;
        }

        /** Sets {@link LoadOptions#processing}. */
        public Builder processing(Processing newProcessing) {
            this.processing = newProcessing;
            return this;
        }

        /** Sets {@link LoadOptions#controlTokens}. */
        public Builder controlTokens(Map<String, String> newControlTokens) {
            this.controlTokens = newControlTokens;
            return this;
        }

        /** Sets {@link LoadOptions#readout}. */
        public Builder readout(@Nullable String newReadout) {
            this.readout = newReadout;
            return this;
        }

        /** Sets {@link LoadOptions#decider}. */
        public Builder decider(@Nullable Path newDecider) {
            this.decider = newDecider;
            return this;
        }

        /** Sets {@link LoadOptions#templateVariables}. */
        public Builder templateVariables(Map<String, ? extends @Nullable Object> newTemplateVariables) {
            this.templateVariables = newTemplateVariables;
            return this;
        }

        /** Sets {@link LoadOptions#writesRefusals}. */
        public Builder writesRefusals(boolean newWritesRefusals) {
            this.writesRefusals = newWritesRefusals;
            return this;
        }

        /** Sets {@link LoadOptions#cancellation}. */
        public Builder cancellation(@Nullable Cancellation newCancellation) {
            this.cancellation = newCancellation;
            return this;
        }

        /** Sets {@link LoadOptions#progress}. */
        public Builder progress(@Nullable DoubleConsumer newProgress) {
            this.progress = newProgress;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if one is null that must not be, or out of its range
         */
        public LoadOptions build() {
            return new LoadOptions(this);
        }
    }
}
