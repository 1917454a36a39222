package dev.demur;

import dev.demur.gguf.GgufFile;
import dev.demur.llama.CallCancellation;
import dev.demur.llama.Cancellation;
import dev.demur.llama.ChatTemplate;
import dev.demur.llama.FreeProcessors;
import dev.demur.llama.Kernel;
import dev.demur.llama.LlamaContext;
import dev.demur.llama.LlamaModel;
import dev.demur.llama.LlamaRuntime;
import dev.demur.llama.Message;
import dev.demur.llama.PromptEncoder;
import dev.demur.llama.Sampler;
import dev.demur.llama.TokenPieces;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rules;
import dev.demur.readout.OwnPolicy;
import dev.demur.readout.Readout;
import dev.demur.readout.ReadoutFinder;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A model with what turns conversations into prompts, reads decisions and draws replies; what all its contexts share.
 *
 * <p>Thread-safe. {@link #close} frees the weights once the contexts are closed.
 */
final class LoadedModel implements AutoCloseable {

    private static final String LOGGER = "dev.demur";

    /** The most prompt tokens that are decoded in one go. */
    static final int BATCH = 512;

    private final LlamaModel model;
    private final LoadOptions options;
    private final Kernel kernel;
    private final Readout readout;
    private final OwnPolicy policies;
    private final FreeProcessors processors;
    private final PromptEncoder encoder;
    private final TokenPieces pieces;
    private final int[] reserved;
    private final AtomicBoolean warned = new AtomicBoolean();
    private volatile @Nullable RefusalPolicy ownPolicy;

    private LoadedModel(LlamaModel model, ReadoutFinder.Found found, LoadOptions options, FreeProcessors processors) {
        this.processors = processors;
        this.model = model;
        this.options = options;
        this.kernel = Kernel.choose(model.runtime(), options.kernel());
        ChatTemplate template = ChatTemplate.of(model.runtime(), model.file(), options.chatTemplate());
        this.readout = found.on(model, template, kernel, options.processing());
        this.policies = new OwnPolicy(
                model.file()::string,
                String.valueOf(model.file().path().getFileName()),
                readout.labels(),
                readout.identity());
        this.encoder = new PromptEncoder(template, model, readout.reserved());
        this.pieces = new TokenPieces(model);
        this.reserved =
                readout.reserved().values().stream().mapToInt(Integer::intValue).toArray();
    }

    /** Loads a model; {@link Demur#load(Path, LoadOptions)} says how that can fail. */
    static LoadedModel load(Path file, LoadOptions options) {
        return load(file, options, gguf -> ReadoutFinder.find(gguf, options.controlTokens()));
    }

    /** Loads a model to be decided by what is found in its file. */
    static LoadedModel load(Path file, LoadOptions options, Function<GgufFile, ReadoutFinder.Found> finder) {
        String what = "loading " + file.getFileName();
        try (CallCancellation call = CallCancellation.begin(options.cancellation())) {
            call.cancellation().throwIfCancelled(what);
            try {
                GgufFile gguf = GgufFile.read(file);
                ReadoutFinder.Found found = finder.apply(gguf);
                call.listen(); // reading a file may have taken its place
                return load(gguf, options, found, call.cancellation());
            } catch (RuntimeException e) {
                call.listen();
                call.cancellation().throwIfCancelled(what); // an interrupt ends a read as a failure
                throw e;
            }
        }
    }

    private static LoadedModel load(
            GgufFile gguf, LoadOptions options, ReadoutFinder.Found found, Cancellation cancellation) {
        Path file = gguf.path();
        FreeProcessors processors = FreeProcessors.watch();
        LlamaRuntime runtime = LlamaRuntime.open(options.llama());
        LlamaModel model = LlamaModel.load(
                runtime, gguf, file, options.placement(runtime, gguf), cancellation, options.progress());
        try {
            cancellation.throwIfCancelled("loading " + file.getFileName());
            return new LoadedModel(model, found, options, processors);
        } catch (Throwable e) {
            model.close();
            throw e;
        }
    }

    LlamaModel model() {
        return model;
    }

    LoadOptions options() {
        return options;
    }

    Kernel kernel() {
        return kernel;
    }

    Readout readout() {
        return readout;
    }

    TokenPieces pieces() {
        return pieces;
    }

    /** The policies that came with it. */
    OwnPolicy policies() {
        return policies;
    }

    /** The policy that applies where none is given. */
    RefusalPolicy policy() {
        RefusalPolicy known = ownPolicy;
        if (known == null) {
            known = policies.policy();
            ownPolicy = known;
        }
        return known;
    }

    /**
     * What a policy decides by, or the model's own where that is null.
     *
     * @throws dev.demur.policy.PolicyException if it does not fit the model
     */
    Rules rules(@Nullable RefusalPolicy policy) {
        RefusalPolicy applied = policy == null ? policy() : policy;
        applied.requireFits(readout.labels(), readout.identity(), "policy");
        return applied.bind(readout.labels());
    }

    /**
     * Warns, in the log of {@code dev.demur}, of a decision that was made from next to nothing, the first time for each
     * model; {@link dev.demur.policy.Reading#hasLowCoverage} tells of every one.
     */
    void noteCoverage(Decision decision) {
        if (decision.reading().hasLowCoverage()) {
            Level level = warned.compareAndSet(false, true) ? Level.WARNING : Level.DEBUG;
            System.getLogger(LOGGER)
                    .log(
                            level,
                            "what is decided between has only "
                                    + decision.reading().coverage()
                                    + " of the probability: the chat template, the control tokens or the model are"
                                    + " probably the wrong ones");
        }
    }

    /** The token ids of a conversation. */
    Prompt prompt(List<Message> messages) {
        int[] reply = encoder.encode(messages);
        return new Prompt(reply, readout.prompt(messages, reply));
    }

    /** A sampler for one reply, to be closed. */
    Sampler sampler(GenerationOptions request) {
        return Sampler.create(pieces, kernel, request.sampling(), reserved, request.grammar());
    }

    /** The most tokens that a prompt and its reply have together. */
    int contextSize() {
        return options.contextSizeOrDefault(model.trainedContext());
    }

    /** A context for one conversation after another. */
    LlamaContext newContext() {
        return newContext(contextSize(), 1);
    }

    /** A context of some sequences of a size. */
    LlamaContext newContext(int size, int sequences) {
        int batch = sequences == 1 ? Math.min(size, BATCH) : BATCH;
        return LlamaContext.create(model, size, batch, sequences, threads());
    }

    /** How many threads a context that is made now computes with. */
    int threads() {
        return options.threadsOrDefault(model.file().fileSize(), processors::count);
    }

    @Override
    public void close() {
        model.close();
    }
}
