package dev.demur;

import dev.demur.gguf.GgufFile;
import dev.demur.llama.Cancellation;
import dev.demur.llama.ChatTemplate;
import dev.demur.llama.ControlTokenFinder;
import dev.demur.llama.LlamaContext;
import dev.demur.llama.LlamaModel;
import dev.demur.llama.LlamaRuntime;
import dev.demur.llama.LogitsProcessor;
import dev.demur.llama.Message;
import dev.demur.llama.Processing;
import dev.demur.llama.PromptEncoder;
import dev.demur.llama.TokenPieces;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Decision;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A loaded refusal-token model: decides whether to answer a prompt, and answers it.
 *
 * <p>Each request stands by itself and is decoded anew; {@link #converse} begins one that goes on. The context is made for
 * the first request.
 *
 * <p>Thread-safe: calls from several threads follow one another. {@link #close} frees the weights; it may come from any
 * thread, a call that is under way then ends with an {@link IllegalStateException}, as does every later one.
 */
public final class Demur implements AutoCloseable {

    /** The most prompt tokens that are decoded in one go. */
    static final int BATCH = 512;

    private final LlamaModel model;
    private final LoadOptions options;
    private final ControlTokens controlTokens;
    private final PromptEncoder prompts;
    private final @Nullable String template;
    private final LogitsProcessor processor;
    private final Drawing drawing;
    private final Session session;
    private volatile @Nullable RefusalPolicy ownPolicy;

    private Demur(LlamaModel model, ControlTokens tokens, LoadOptions options) {
        this.model = model;
        this.options = options;
        this.controlTokens = tokens;
        this.prompts = new PromptEncoder(
                ChatTemplate.of(model.runtime(), model.file(), options.chatTemplate()), model, tokens);
        this.template = options.chatTemplate() != null
                ? options.chatTemplate()
                : model.file().chatTemplate();
        this.processor = new LogitsProcessor(model.runtime(), options.kernel());
        this.drawing = new Drawing(new TokenPieces(model), tokens, processor.kernel());
        this.session = new Session(this::newContext, tokens, processor, drawing, false);
    }

    private LlamaContext newContext() {
        int batch = Math.min(contextSize(), BATCH);
        return options.processing() == Processing.IN_GRAPH
                ? LlamaContext.createInGraph(model, controlTokens, contextSize(), batch, threads())
                : LlamaContext.create(model, contextSize(), batch, threads());
    }

    private int contextSize() {
        return options.contextSizeOrDefault(model.trainedContext());
    }

    private int threads() {
        return options.threadsOrDefault(model.file().fileSize());
    }

    /** Loads a model as its file and this machine suggest; errors as for {@link #load(Path, LoadOptions)}. */
    public static Demur load(Path file) {
        return load(file, LoadOptions.DEFAULTS);
    }

    /**
     * Loads a model.
     *
     * @throws dev.demur.gguf.GgufException if the file is missing, damaged or no GGUF file
     * @throws IllegalArgumentException if the model has no control tokens, or a chat template that llama.cpp does not know
     * @throws dev.demur.llama.LlamaException if llama.cpp cannot be used or cannot load the model
     * @throws dev.demur.bindings.NativeLoadException if the native libraries cannot be loaded
     * @throws CancellationException if the options' cancellation was cancelled; nothing remains of the load
     */
    public static Demur load(Path file, LoadOptions options) {
        requireNotCancelled(options.cancellation(), "loading " + file.getFileName());
        GgufFile gguf = GgufFile.read(file);
        ControlTokens tokens =
                ControlTokenFinder.find(gguf, options.controlTokens()).tokens();
        LlamaRuntime runtime = LlamaRuntime.open(options.llama());
        LlamaModel model = LlamaModel.load(
                runtime, gguf, file, options.placement(runtime, gguf, 1), options.cancellation(), options.progress());
        try {
            requireNotCancelled(options.cancellation(), "loading " + file.getFileName());
            return new Demur(model, tokens, options);
        } catch (Throwable e) {
            model.close();
            throw e;
        }
    }

    /** The model's control tokens, in the order of its categories. */
    public ControlTokens controlTokens() {
        return controlTokens;
    }

    /** The loaded model, for its vocabulary, its file and the llama.cpp that runs it. */
    public LlamaModel model() {
        return model;
    }

    /** The chat template: the name that was given, else the text that the model file carries. */
    public @Nullable String chatTemplate() {
        return template;
    }

    /** The kernel that decides and draws, such as {@code avx512}. */
    public String kernel() {
        return processor.kernel().id();
    }

    /**
     * The policy that applies where none is given: the one that the model file carries under {@code demur.policy}, else
     * the rule {@code threshold} with 0.5 for every category.
     *
     * @throws dev.demur.policy.PolicyException if the file's policy is not valid or not for this model
     */
    public RefusalPolicy policy() {
        RefusalPolicy known = ownPolicy;
        if (known == null) {
            known = readPolicy();
            ownPolicy = known;
        }
        return known;
    }

    private RefusalPolicy readPolicy() {
        String json = model.file().string("demur.policy");
        if (json == null) {
            return RefusalPolicy.defaults(controlTokens, Rule.THRESHOLD);
        }
        String source = model.file().path().getFileName() + ": demur.policy";
        RefusalPolicy policy = PolicyFile.parse(json, source);
        policy.requireFits(controlTokens, source);
        return policy;
    }

    /**
     * Decides at the first position, without answering.
     *
     * @param messages the conversation, ending with the message to answer
     * @param policy what decides; null for {@link #policy()}
     * @throws IllegalArgumentException if the prompt does not fit the context, or the policy does not fit the model
     * @throws dev.demur.llama.LlamaException if the decode fails or its logits are not finite
     */
    public Decision decide(List<Message> messages, @Nullable RefusalPolicy policy) {
        return decide(messages, policy, null);
    }

    /**
     * As {@link #decide(List, RefusalPolicy)}, for as long as nobody cancels.
     *
     * @throws CancellationException if {@code cancellation} was cancelled
     */
    public Decision decide(
            List<Message> messages, @Nullable RefusalPolicy policy, @Nullable Cancellation cancellation) {
        RefusalPolicy applied = policy == null ? policy() : policy;
        Session.Turn turn = session.enter(cancellation);
        try (turn) {
            return turn.decide(prompts.encode(messages), applied);
        }
    }

    /**
     * Decides several conversations in as few decodes as they fit into, each by a policy of its own; on each as {@link
     * #decide(List, RefusalPolicy)} does, within the noise of sums in another order. It does not wait for other calls,
     * and has the memory of a context of its own meanwhile.
     *
     * @param conversations each ending with the message to answer
     * @param policies one for each conversation
     * @param cancellation ends it from another thread; null for none
     * @return the decision on each conversation, in their order
     * @throws IllegalArgumentException if the numbers of both differ, a prompt does not fit the context, or a policy does
     *     not fit the model
     * @throws dev.demur.llama.LlamaException if a decode fails or its logits are not finite
     * @throws CancellationException if {@code cancellation} was cancelled
     */
    public List<Decision> decideAll(
            List<List<Message>> conversations, List<RefusalPolicy> policies, @Nullable Cancellation cancellation) {
        session.requireOpen();
        if (conversations.size() != policies.size()) {
            throw new IllegalArgumentException("there are " + conversations.size() + " conversations and "
                    + policies.size() + " policies: give one for each");
        }
        policies.forEach(policy -> policy.requireFits(controlTokens));
        requireNotCancelled(cancellation, "the request");
        List<int[]> tokens = conversations.stream().map(prompts::encode).toList();
        return tokens.isEmpty() ? List.of() : newBatch().decide(tokens, policies, cancellation);
    }

    private StaticBatch newBatch() {
        return new StaticBatch(model, drawing, contextSize(), threads(), options.processing());
    }

    /** Decides a single user message by the model's own policy. */
    public Decision decide(String prompt) {
        return decide(List.of(Message.user(prompt)), null);
    }

    /** Answers a single user message as {@link GenerationOptions#DEFAULTS} say. */
    public Generation generate(String prompt) {
        return generate(List.of(Message.user(prompt)), GenerationOptions.DEFAULTS, text -> {});
    }

    /**
     * Decides at the first position, forces the decision's token, and generates the reply that follows.
     *
     * @param messages the conversation, ending with the message to answer
     * @param listener hears of the decision and of each piece of text, on the calling thread; what it throws ends the
     *     generation and reaches the caller
     * @throws IllegalArgumentException if the prompt does not fit the context, or the policy does not fit the model
     * @throws dev.demur.llama.LlamaException if a decode fails or its logits are not finite
     * @throws CancellationException if the options' cancellation was cancelled before the decision; after it, what there
     *     is comes back with {@link FinishReason#CANCELLED}
     */
    public Generation generate(List<Message> messages, GenerationOptions options, GenerationListener listener) {
        Objects.requireNonNull(listener, "listener");
        RefusalPolicy policy = options.policy() == null ? policy() : options.policy();
        Session.Turn turn = session.enter(options.cancellation());
        try (turn) {
            long start = System.nanoTime();
            return turn.generate(prompts.encode(messages), start, policy, options, listener);
        }
    }

    /**
     * Answers several conversations together, each by options of its own: as {@link #generate} does for each, within the
     * noise of sums in another order. They make static batches: each decode adds a token to every reply that has not ended,
     * and conversations beyond eight follow when all replies have. A batch takes fewer where their prompts and token limits
     * do not fit into the context size together. This does not wait for other calls, and has the memory of a context of its
     * own meanwhile. Timings count from when the conversation's batch began.
     *
     * @param conversations each ending with the message to answer
     * @param options one for each conversation. A cancellation ends its own reply at the next token, or right after its
     *     decision; when each of the conversations is cancelled the batch ends as {@link #generate} does
     * @param listener hears of each decision and each piece of text, on the calling thread; what it throws ends all
     *     generations and reaches the caller
     * @return what became of each conversation, in their order
     * @throws IllegalArgumentException if the numbers of both differ, a prompt does not fit the context, or a policy does
     *     not fit the model
     * @throws dev.demur.llama.LlamaException if a decode fails, logits are not finite, or a grammar leads nowhere; all end
     * @throws CancellationException if each of the conversations was cancelled before the last of them was decided
     */
    public List<Generation> generateAll(
            List<List<Message>> conversations, List<GenerationOptions> options, BatchListener listener) {
        session.requireOpen();
        Objects.requireNonNull(listener, "listener");
        if (conversations.size() != options.size()) {
            throw new IllegalArgumentException("there are " + conversations.size() + " conversations and "
                    + options.size() + " options: give one for each");
        }
        List<StaticBatch.Request> requests = new ArrayList<>();
        for (int i = 0; i < options.size(); i++) {
            RefusalPolicy own = options.get(i).policy();
            RefusalPolicy policy = own == null ? policy() : own;
            policy.requireFits(controlTokens);
            requests.add(new StaticBatch.Request(prompts.encode(conversations.get(i)), policy, options.get(i)));
        }
        return requests.isEmpty() ? List.of() : newBatch().generate(requests, listener);
    }

    /**
     * As {@link #generate(List, GenerationOptions, GenerationListener)}, on a thread of its own: the caller takes the
     * decision and the text from the stream, and closes it. What generate throws, the stream's methods throw.
     */
    public GenerationStream stream(List<Message> messages, GenerationOptions options) {
        List<Message> conversation = List.copyOf(messages);
        session.requireNoListener();
        session.requireOpen();
        return GenerationStream.start(
                options.cancellation(),
                (cancellation, listener) -> generate(conversation, options.withCancellation(cancellation), listener));
    }

    /**
     * Begins a conversation, which has a context of its own, as large as these options say, over the same weights.
     *
     * <p>The caller closes it. Closing this model first is safe: the conversation's next call then is an {@link
     * IllegalStateException}, and the memory goes when the last conversation is closed.
     */
    public Conversation converse() {
        session.requireOpen();
        return new Conversation(
                new Session(this::newContext, controlTokens, processor, drawing, true), prompts, this::policy);
    }

    private static void requireNotCancelled(@Nullable Cancellation cancellation, String what) {
        if (cancellation != null) {
            cancellation.throwIfCancelled(what);
        }
    }

    @Override
    public void close() {
        session.close();
        model.close();
    }
}
