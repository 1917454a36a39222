package dev.demur;

import dev.demur.gguf.GgufFile;
import dev.demur.llama.ChatTemplate;
import dev.demur.llama.ControlTokenFinder;
import dev.demur.llama.LlamaContext;
import dev.demur.llama.LlamaModel;
import dev.demur.llama.LlamaRuntime;
import dev.demur.llama.LogitsProcessor;
import dev.demur.llama.Message;
import dev.demur.llama.PieceDecoder;
import dev.demur.llama.PromptEncoder;
import dev.demur.llama.Sampler;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Decision;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A loaded refusal-token model: decides whether to answer a prompt, and answers it.
 *
 * <p>Thread-safe: calls from several threads follow one another. {@link #close} frees the weights; it may come from any
 * thread, a call that is under way then ends with an {@link IllegalStateException}, as does every later one.
 */
public final class Demur implements AutoCloseable {

    /** The most prompt tokens that are decoded in one go. */
    private static final int BATCH = 512;

    private final LlamaModel model;
    private final LlamaContext context;
    private final ControlTokens controlTokens;
    private final PromptEncoder prompts;
    private final LogitsProcessor processor;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable RefusalPolicy ownPolicy;

    private Demur(LlamaModel model, LlamaContext context, ControlTokens tokens, LoadOptions options) {
        this.model = model;
        this.context = context;
        this.controlTokens = tokens;
        this.prompts = new PromptEncoder(
                ChatTemplate.of(model.runtime(), model.file(), options.chatTemplate()), model, tokens);
        this.processor = new LogitsProcessor(model.runtime(), options.kernel());
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
     */
    public static Demur load(Path file, LoadOptions options) {
        GgufFile gguf = GgufFile.read(file);
        ControlTokens tokens =
                ControlTokenFinder.find(gguf, options.controlTokens()).tokens();
        LlamaRuntime runtime = LlamaRuntime.open(options.llama());
        LlamaModel model = LlamaModel.load(runtime, gguf, file, options.gpuLayers());
        LlamaContext context = null;
        try {
            int size = options.contextSizeOrDefault(model.trainedContext());
            context =
                    LlamaContext.create(model, size, Math.min(size, BATCH), options.threadsOrDefault(gguf.fileSize()));
            return new Demur(model, context, tokens, options);
        } catch (Throwable e) {
            if (context != null) {
                context.close();
            }
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

    /** The logits processor's kernel, such as {@code avx512}. */
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
        RefusalPolicy applied = policy == null ? policy() : policy;
        enter();
        try {
            return decide(prompts.encode(messages), applied);
        } finally {
            lock.unlock();
        }
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
     */
    public Generation generate(List<Message> messages, GenerationOptions options, GenerationListener listener) {
        Objects.requireNonNull(listener, "listener");
        RefusalPolicy policy = options.policy() == null ? policy() : options.policy();
        enter();
        try {
            long start = System.nanoTime();
            int[] prompt = prompts.encode(messages);
            Decision decision = decide(prompt, policy);
            long decided = System.nanoTime();
            listener.decided(decision);
            Reply reply = new Reply(listener);
            FinishReason reason = answer(decision, policy, options, reply);
            Timings timings = new Timings(prompt.length, decided - start, reply.tokens, System.nanoTime() - decided);
            return new Generation(decision, reply.text.toString(), reason, timings);
        } finally {
            lock.unlock();
        }
    }

    private void enter() {
        if (lock.isHeldByCurrentThread()) {
            throw new IllegalStateException(
                    "a listener must not ask the model that is calling it: ask when generate has"
                            + " returned, or load a second one");
        }
        lock.lock();
    }

    private Decision decide(int[] prompt, RefusalPolicy policy) {
        context.clear();
        context.decode(prompt);
        return processor.decide(context, controlTokens, policy);
    }

    /** Goes on from the decision's token; the control tokens are masked from here on. */
    private FinishReason answer(Decision decision, RefusalPolicy policy, GenerationOptions options, Reply reply) {
        String fixed = fixedReply(decision, policy);
        if (fixed != null) {
            reply.add(fixed);
            return FinishReason.FIXED_REPLY;
        }
        int token = decision.token();
        if (decision instanceof Decision.ModelToken) {
            if (model.endsGeneration(token)) {
                return FinishReason.STOP;
            }
            if (options.maxTokens() == 0) {
                return FinishReason.LENGTH;
            }
            reply.add(token);
        }
        FinishReason reason = generate(token, options, reply);
        reply.finish();
        return reason;
    }

    private FinishReason generate(int first, GenerationOptions options, Reply reply) {
        int token = first;
        try (Sampler sampler = Sampler.create(model, options.sampling(), controlTokens)) {
            while (reply.tokens < options.maxTokens() && context.position() < context.size()) {
                token = context.step(sampler, token);
                if (model.endsGeneration(token)) {
                    return FinishReason.STOP;
                }
                reply.add(token);
            }
            return FinishReason.LENGTH;
        }
    }

    private static @Nullable String fixedReply(Decision decision, RefusalPolicy policy) {
        return decision instanceof Decision.Refuse refuse
                ? policy.category(refuse.category().id()).map(c -> c.reply()).orElse(null)
                : null;
    }

    @Override
    public void close() {
        context.close();
        model.close();
    }

    /** The text so far, passed on as it comes. */
    private final class Reply {

        private final GenerationListener listener;
        private final PieceDecoder decoder = new PieceDecoder();
        private final StringBuilder text = new StringBuilder();
        private int tokens;

        Reply(GenerationListener listener) {
            this.listener = listener;
        }

        void add(int token) {
            tokens++;
            add(decoder.add(model.piece(token, false)));
        }

        void add(String piece) {
            if (!piece.isEmpty()) {
                text.append(piece);
                listener.text(piece);
            }
        }

        void finish() {
            add(decoder.finish());
        }
    }
}
