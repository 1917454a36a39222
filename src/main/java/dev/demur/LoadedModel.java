package dev.demur;

import dev.demur.engine.Engine;
import dev.demur.engine.Limits;
import dev.demur.gguf.GgufFile;
import dev.demur.internal.Internals;
import dev.demur.internal.LoadSizes;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Kernel;
import dev.demur.llama.Message;
import dev.demur.llama.Processing;
import dev.demur.llama.internal.AutomaticChoice;
import dev.demur.llama.internal.CallCancellation;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.FreeProcessors;
import dev.demur.llama.internal.KernelChoice;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.LlamaModel;
import dev.demur.llama.internal.LlamaRuntime;
import dev.demur.llama.internal.Placement;
import dev.demur.llama.internal.PromptEncoder;
import dev.demur.llama.internal.Sampler;
import dev.demur.llama.internal.TextEncoder;
import dev.demur.llama.internal.TokenPieces;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rules;
import dev.demur.readout.Opening;
import dev.demur.readout.internal.DeciderReadout;
import dev.demur.readout.internal.OwnPolicy;
import dev.demur.readout.internal.ReadingContext;
import dev.demur.readout.internal.Readout;
import dev.demur.readout.internal.ReadoutFinder;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A model with what turns conversations into prompts, reads decisions and draws replies; what all its contexts share.
 *
 * <p>Thread-safe. {@link #close} frees the weights once the contexts are closed.
 */
final class LoadedModel implements Internals, AutoCloseable {

    private static final String LOGGER = "dev.demur";

    /** The most prompt tokens that are decoded in one go. */
    private static final int BATCH = 512;

    /** The most of them between two tokens of other replies, which wait meanwhile. */
    private static final int CHUNK = 64;

    /** llama.cpp gives no sequence fewer tokens. */
    private static final int LEAST_SIZE = 256;

    private final LlamaModel model;

    /** Whether the weights are another's, who frees them. */
    private final boolean borrowed;

    /** The model that decides where it is another one. */
    private final @Nullable LlamaModel decider;

    private final ChatTemplate template;
    private final @Nullable ChatTemplate decidingTemplate;
    private final LoadOptions options;
    private final Kernel kernel;
    private final Readout readout;
    private final OwnPolicy policies;
    private final FreeProcessors processors;

    /** Encodes the first words of refusals; null where the model writes none. */
    private final @Nullable TextEncoder continuation;

    private final PromptEncoder encoder;
    private final TokenPieces pieces;
    private final int[] reserved;
    private final AtomicBoolean warned = new AtomicBoolean();
    private volatile @Nullable RefusalPolicy ownPolicy;

    private LoadedModel(
            LlamaModel model,
            @Nullable LlamaModel decider,
            ReadoutFinder.Found found,
            LoadOptions options,
            FreeProcessors processors,
            boolean borrowed) {
        this.processors = processors;
        this.borrowed = borrowed;
        this.model = model;
        this.decider = decider;
        this.options = options;
        this.kernel = KernelChoice.choose(options.kernel());
        AutomaticChoice.log(model.runtime(), options.kernel(), kernel);
        this.template =
                ChatTemplate.of(model.runtime(), model.file(), options.chatTemplate(), options.templateVariables());
        if (decider == null) {
            this.decidingTemplate = template;
            this.readout = found.maker().on(model, template, kernel, options.processing());
        } else {
            this.decidingTemplate =
                    found.maker().hasOwnPrompt() ? null : ChatTemplate.of(decider.runtime(), decider.file(), null);
            Readout own = found.maker().on(decider, decidingTemplate, kernel, Processing.HOST);
            this.readout = new DeciderReadout(
                    own,
                    decidingTemplate == null ? null : new PromptEncoder(decidingTemplate, decider, own.reserved()));
        }
        if (options.writesRefusals() && !readout.reserved().isEmpty()) {
            throw new DemurException("the model writes its refusals by itself, after a control token: leave out"
                    + " LoadOptions.withWrittenRefusals, which is for models that have none");
        }
        this.continuation = options.writesRefusals() ? new TextEncoder(model) : null;
        this.policies = new OwnPolicy(found.policies(), readout.labels(), readout.identity());
        this.encoder = new PromptEncoder(template, model, readout.reserved());
        this.pieces = new TokenPieces(model);
        this.reserved =
                readout.reserved().values().stream().mapToInt(Integer::intValue).toArray();
    }

    /** Loads a model; {@link Demur#load(Path, LoadOptions)} says how that can fail. */
    static LoadedModel load(Path file, LoadOptions options) {
        return load(file, options, gguf -> ReadoutFinder.find(gguf, options.readout(), options.controlTokens()));
    }

    /** Loads a model to be decided by what is found in its file, or in that of the decider. */
    static LoadedModel load(Path file, LoadOptions options, Function<GgufFile, ReadoutFinder.Found> finder) {
        String what = "loading " + file.getFileName();
        try (CallCancellation call = CallCancellation.begin(options.cancellation())) {
            call.cancellation().throwIfCancelled(what);
            try {
                GgufFile gguf = GgufFile.read(file);
                Path other = options.decider();
                GgufFile decider = other == null ? null : GgufFile.read(other);
                ReadoutFinder.Found found = finder.apply(decider == null ? gguf : decider);
                call.listen(); // reading a file may have taken its place
                return load(gguf, decider, options, found, call.cancellation());
            } catch (RuntimeException e) {
                call.listen();
                call.cancellation().throwIfCancelled(what); // an interrupt ends a read as a failure
                throw e;
            }
        }
    }

    /** The same weights, which stay this one's to free, decided by something else. */
    LoadedModel withReadout(ReadoutFinder.Found found) {
        LoadOptions own = options.withDecider(null)
                .withReadout(null)
                .withControlTokens(Map.of())
                .withWrittenRefusals(false);
        return new LoadedModel(model, null, found, own, processors, true);
    }

    private static LoadedModel load(
            GgufFile gguf,
            @Nullable GgufFile decider,
            LoadOptions options,
            ReadoutFinder.Found found,
            Cancellation cancellation) {
        FreeProcessors processors = FreeProcessors.watch();
        LlamaRuntime runtime = LlamaRuntime.open(options.llama());
        LlamaModel deciding = decider == null ? null : load(runtime, decider, options, cancellation, null);
        LlamaModel model = null;
        try {
            model = load(runtime, gguf, options, cancellation, options.progress());
            return new LoadedModel(model, deciding, found, options, processors, false);
        } catch (Throwable e) {
            if (model != null) {
                model.close();
            }
            if (deciding != null) {
                deciding.close();
            }
            throw e;
        }
    }

    private static LlamaModel load(
            LlamaRuntime runtime,
            GgufFile gguf,
            LoadOptions options,
            Cancellation cancellation,
            @Nullable DoubleConsumer progress) {
        Path file = gguf.path();
        Placement placement = Placement.choose(
                runtime, gguf, options.devices(), options.gpuLayers(), new LoadSizes(options)::cacheTokens);
        LlamaModel model = LlamaModel.load(runtime, gguf, file, placement, cancellation, progress);
        try {
            cancellation.throwIfCancelled("loading " + file.getFileName());
            return model;
        } catch (Throwable e) {
            model.close();
            throw e;
        }
    }

    @Override
    public LlamaModel decidingModel() {
        return decider == null ? model : decider;
    }

    /** Whether another model decides than the one that answers. */
    boolean hasDecider() {
        return decider != null;
    }

    /** The chat template of the model that answers, by name or as text. */
    String template() {
        return template.nameOrText();
    }

    /** The chat template of the model that decides, by name or as text; null where the readout needs none. */
    @Nullable
    String decidingTemplate() {
        return decidingTemplate == null ? null : decidingTemplate.nameOrText();
    }

    /** What renders the chat template of the model that decides; null where the readout needs none. */
    ChatTemplate.@Nullable Renderer decidingRenderer() {
        return decidingTemplate == null ? null : decidingTemplate.renderer();
    }

    @Override
    public LlamaModel model() {
        return model;
    }

    LoadOptions options() {
        return options;
    }

    Kernel kernel() {
        return kernel;
    }

    @Override
    public Readout readout() {
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
    private void noteCoverage(Decision decision) {
        if (decision.reading().hasLowCoverage()) {
            Level level = warned.compareAndSet(false, true) ? Level.WARNING : Level.DEBUG;
            System.getLogger(LOGGER)
                    .log(
                            level,
                            "what is decided between has only "
                                    + decision.reading().coverage()
                                    + " of the probability: the chat template, the readout or the model are"
                                    + " probably the wrong ones");
        }
    }

    /** The decision where a sequence has just been decoded. */
    Decision decide(ReadingContext at, int sequence, Rules rules) {
        Decision decision = rules.decide(at.reader().read(sequence, rules));
        noteCoverage(decision);
        return decision;
    }

    /** The token ids of a conversation. */
    Prompt prompt(List<Message> messages) {
        EncodedPrompt reply = encoder.encode(messages);
        return new Prompt(reply, readout.prompt(messages, reply));
    }

    /**
     * As {@link #prompt}, of a conversation that is answered.
     *
     * @throws PromptTooLongException if it does not fit
     * @throws DemurException if the assistant has the last word
     */
    Prompt promptThatFits(List<Message> messages) {
        requireToAnswer(messages);
        Prompt prompt = prompt(messages);
        requireFits(prompt);
        return prompt;
    }

    /**
     * As {@link #promptToDecide}. What asks in words of its own may judge a reply.
     *
     * @throws PromptTooLongException if it does not fit
     * @throws DemurException if the assistant has the last word, and it is decided on whether to answer
     */
    Prompt questionThatFits(List<Message> messages) {
        if (!readout.asksByItself()) {
            requireToAnswer(messages);
        }
        Prompt prompt = promptToDecide(messages);
        requireFits(prompt);
        return prompt;
    }

    private static void requireToAnswer(List<Message> messages) {
        if (!messages.isEmpty() && messages.get(messages.size() - 1).role() == Message.Role.ASSISTANT) {
            throw new DemurException("the last message is the assistant's, and there is nothing to answer: end with the"
                    + " user's message");
        }
    }

    /** The token ids of a conversation that is only decided on: a guard may have no template for an answer. */
    Prompt promptToDecide(List<Message> messages) {
        EncodedPrompt none = EncodedPrompt.of();
        return readout.asksByItself() ? new Prompt(none, readout.prompt(messages, none)) : prompt(messages);
    }

    @Override
    public EncodedPrompt decisionPrompt(List<Message> messages) {
        return promptToDecide(messages).decision();
    }

    private static void requireFits(EncodedPrompt prompt, int size) {
        if (prompt.longest() > size) {
            throw new PromptTooLongException(prompt.longest(), size);
        }
    }

    /**
     * Checks that a prompt fits where it is decided on and where its reply is written.
     *
     * @throws PromptTooLongException if it does not
     */
    void requireFits(Prompt prompt) {
        if (!prompt.isOne()) {
            requireFits(prompt.decision(), askedSize());
        }
        requireFits(prompt.isOne() ? prompt.decision() : prompt.reply(), contextSize());
    }

    /** A sampler for one reply, to be closed. */
    Sampler sampler(GenerationOptions request) {
        return Sampler.create(pieces, kernel, request.sampling(), reserved, request.grammar());
    }

    /** The most tokens that a prompt and its reply have together. */
    int contextSize() {
        return new LoadSizes(options).contextSize(model.trainedContext());
    }

    /** An engine on contexts of this model, which it makes when they are needed. */
    Engine newEngine() {
        Limits limits = new Limits(
                options.parallel(),
                CHUNK,
                options.queueLimit().calls(),
                options.queueLimit().waits());
        return new Engine(limits, this::newReplies, this::newAsked);
    }

    /**
     * Where replies are written, and decided on unless another model does that. Where nobody said how large it is and requests come
     * one after another, it is no larger than they need: all of it takes a tenth of a second to be cleared, and memory.
     */
    private ReadingContext newReplies(int longest) {
        boolean grows = options.parallel() == 1 && options.contextSize() == 0 && options.cacheTokens() == 0;
        int size = grows ? sizeFor(longest, contextSize()) : contextSize();
        int cells = grows ? size : new LoadSizes(options).cacheTokens(model.trainedContext());
        LlamaContext context = newContext(model, size, cells);
        return decider == null ? ReadingContext.of(readout, context) : new ReadingContext(context, new NoReader());
    }

    /** Where prompts are decided on that no reply goes on from; with room for as many tokens, or some more. */
    private ReadingContext newAsked(int longest) {
        int size = sizeFor(longest, askedSize());
        int cells = Math.max(size, options.parallel() * Math.min(size, LEAST_SIZE));
        return ReadingContext.of(readout, newContext(decidingModel(), size, cells));
    }

    /** The size of a context for so many tokens, and some more; it doubles, so that few are made for what grows. */
    private static int sizeFor(int longest, int most) {
        int size = LEAST_SIZE;
        while (size < longest) {
            size *= 2;
        }
        return Math.min(size, most);
    }

    /**
     * A context with a sequence for each request that runs in parallel, which are idle conversations' as well. There are no more:
     * older llama.cpp clears a row of logits for each sequence at every token.
     */
    private LlamaContext newContext(LlamaModel of, int size, int cells) {
        return LlamaContext.createShared(of, size, cells, Math.min(cells, BATCH), options.parallel(), threads(of));
    }

    /** How many threads a context that is made now computes with. */
    int threads() {
        return threads(decidingModel());
    }

    private int threads(LlamaModel of) {
        return new LoadSizes(options).threads(of.file().fileSize(), processors::count);
    }

    /** The most tokens of a prompt that no reply goes on from. */
    int askedSize() {
        return new LoadSizes(options).contextSize(decidingModel().trainedContext());
    }

    /**
     * How a reply begins after a decision, where its policy has no reply of its own.
     *
     * @param opening what the readout has
     */
    Opening opening(Decision decision, Opening opening) {
        if (continuation == null
                || !(decision instanceof Decision.Refuse refuse)
                || !(opening instanceof Opening.Fixed)) {
            return opening;
        }
        int[] words = continuation.continuation(readout.firstWords(refuse.category()), false);
        return new Opening.Written(Arrays.stream(words).boxed().toList());
    }

    @Override
    public void close() {
        if (borrowed) {
            return;
        }
        model.close();
        if (decider != null) {
            decider.close();
        }
    }
}
