package dev.demur;

import dev.demur.arguments.Given;
import dev.demur.engine.Engine;
import dev.demur.internal.Internals;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Kernel;
import dev.demur.llama.Message;
import dev.demur.llama.ModelInfo;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Preset;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rules;
import dev.demur.readout.ReadoutInfo;
import dev.demur.readout.internal.ReadoutFinder;
import dev.demur.readout.words.Frame;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A loaded model: decides whether to answer a prompt, and answers it.
 *
 * <p>Each request stands by itself; {@link #converse} begins one that goes on. What a prompt begins with, in whole blocks of 128
 * tokens, is decoded once for all prompts that begin so, such as a long system message. Calls from several threads run
 * together, up to {@link LoadOptions#parallel}: each decode adds a token to every reply that grows, and the prompts of others are
 * decoded in between. A request alone has the same numbers each time, to the bit; what runs beside it changes them within the
 * noise of sums in another order. The memory for tokens is made for the first request.
 *
 * <p>An interrupt of the thread that loads, decides or generates cancels as a {@link Cancellation} does, and the thread's
 * interrupt flag stays set: {@code Future.cancel(true)} and {@code ExecutorService.shutdownNow()} work.
 *
 * <p>Thread-safe. Who comes when all places are taken waits; calls take turns.
 *
 * <p>{@link #close} frees the weights, may be called from any thread, and again. Calls that wait or are under way then end with an {@link
 * IllegalStateException}, and so do later ones that need the model. What it has told stays good, and {@link #isOpen}, {@link #name},
 * {@link #labels}, {@link #model} and the like still answer.
 */
public final class Demur implements AutoCloseable {

    static {
        Internals.openBy(demur -> demur.loaded);
    }

    private final LoadedModel loaded;
    final Engine engine; // seen by tests, which hold it

    private final ListenerGuard guard = new ListenerGuard();

    /** The file that was made for a model that came from elsewhere than a file; null for none. */
    private final @Nullable PrivateModel copied;

    private volatile boolean closed;

    Demur(LoadedModel loaded) {
        this(loaded, null);
    }

    private Demur(LoadedModel loaded, @Nullable PrivateModel copied) {
        this.loaded = loaded;
        this.copied = copied;
        this.engine = loaded.newEngine();
    }

    /** Loads a model as its file and this machine suggest; errors as for {@link #load(Path, LoadOptions)}. */
    public static Demur load(Path file) {
        return load(file, LoadOptions.DEFAULTS);
    }

    /**
     * Loads a model.
     *
     * @throws dev.demur.gguf.GgufException if the file is missing, damaged or no GGUF file
     * @throws dev.demur.readout.NoReadoutException if the model has no control tokens and no head
     * @throws DemurException if its chat template cannot be read
     * @throws dev.demur.llama.LlamaException if llama.cpp cannot be used or cannot load the model
     * @throws dev.demur.NativeLoadException if the native libraries cannot be loaded
     * @throws CancellationException if the options' cancellation was cancelled; nothing remains of the load
     */
    public static Demur load(Path file, LoadOptions options) {
        return new Demur(LoadedModel.load(Given.value(file, "file"), Given.value(options, "options")));
    }

    /**
     * Loads a model from a stream, such as a resource in a jar. The bytes are copied into a temporary file that only this user can
     * read, because llama.cpp maps its weights from a file; {@link #close} deletes it.
     *
     * @param in is read to its end and left open
     * @throws IOException if the stream cannot be read, or the file cannot be written
     * @throws DemurException for the reasons of {@link #load(Path, LoadOptions)}
     * @throws CancellationException if the options' cancellation was cancelled; nothing remains of the load
     */
    public static Demur load(InputStream in, LoadOptions options) throws IOException {
        Given.value(options, "options");
        return load(PrivateModel.copy(Channels.newChannel(Given.value(in, "in"))), options);
    }

    /**
     * Loads a model from memory, as {@link #load(InputStream, LoadOptions)} does from a stream.
     *
     * @param bytes the file's bytes, from the buffer's position to its limit; the buffer stays as it is
     * @throws IOException if the file cannot be written
     * @throws DemurException for the reasons of {@link #load(Path, LoadOptions)}
     * @throws CancellationException if the options' cancellation was cancelled; nothing remains of the load
     */
    public static Demur load(ByteBuffer bytes, LoadOptions options) throws IOException {
        Given.value(options, "options");
        return load(PrivateModel.copy(Given.value(bytes, "bytes").duplicate()), options);
    }

    private static Demur load(PrivateModel copied, LoadOptions options) {
        boolean loaded = false;
        try {
            Demur demur = new Demur(LoadedModel.load(copied.file(), options), copied);
            loaded = true;
            return demur;
        } finally {
            if (!loaded) {
                copied.delete();
            }
        }
    }

    /** What prompts are decided to be: the model's categories, and respond. */
    public Labels labels() {
        return loaded.readout().labels();
    }

    /** Where the numbers of the labels come from. */
    public ReadoutInfo readout() {
        return loaded.readout().info();
    }

    /** What the model that answers tells of itself: its vocabulary, its file and the llama.cpp that runs it. */
    public ModelInfo model() {
        return loaded.model().info();
    }

    /** The name of the model's file, as {@code demur-small.gguf}; for people, and for what names models. */
    public String name() {
        return String.valueOf(loaded.model().file().path().getFileName());
    }

    /** Whether it can be asked: false from {@link #close} on. */
    public boolean isOpen() {
        return !closed;
    }

    /**
     * The same weights, asked by a frame: decides what the frame asks, and loads nothing again. Contexts and cache are its own, and
     * made for its first request.
     *
     * <p>The caller closes it, and before this one: after that its calls may fail.
     *
     * @param frame as {@link dev.demur.readout.words.FrameFile} reads it
     * @return what answers by the model that answers here, and decides by it too
     * @throws DemurException if the model has no chat template and the frame needs one, or the frame does not fit the vocabulary
     */
    public Demur withFrame(Frame frame) {
        engine.requireOpen();
        return new Demur(loaded.withReadout(ReadoutFinder.of(Given.value(frame, "frame"))));
    }

    /**
     * Asks the model that decides by frames that are made as they are needed, one after another, on one context of its own over the
     * same weights. A frame that stays is better asked by {@link #withFrame}.
     *
     * <p>The caller closes it, and before this one: after that its calls may fail.
     *
     * @throws DemurException if the model that decides has no chat template
     */
    public FrameAsker frameAsker() {
        engine.requireOpen();
        return new FrameAsker(loaded);
    }

    /** The options that it was loaded with. */
    public LoadOptions options() {
        return loaded.options();
    }

    /** The chat template of the model that answers: a name, or the text. It differs from {@link #decidingTemplate} only with a {@linkplain LoadOptions#decider decider}. */
    public String chatTemplate() {
        return loaded.template();
    }

    /**
     * As {@link #model}, of the model that decides: the same one, unless {@link LoadOptions#decider} names another. To record what
     * numbers were read by, ask this one.
     */
    public ModelInfo decidingModel() {
        return loaded.decidingModel().info();
    }

    /**
     * The chat template that conversations are put to the deciding model by, to be recorded with scores: the name that was given, else
     * the text that its file carries, with what it is told besides the messages in a comment behind it. Null where the readout needs none.
     */
    public @Nullable String decidingTemplate() {
        return loaded.decidingTemplate();
    }

    /**
     * What fills in the chat template that is decided by, be it {@link #decidingTemplate} or a frame's, to be recorded with scores, since
     * the two may write other tokens: {@code jinja} for Demur, which runs the template as the program that it is, {@code llama.cpp}
     * for that one's own list of templates. Null where no chat template takes part.
     */
    public @Nullable String decidingRenderer() {
        ChatTemplate.Renderer renderer = loaded.readout().renderer(loaded.decidingRenderer());
        return renderer == null ? null : renderer.id();
    }

    /** The kernel that decides and draws. */
    public Kernel kernel() {
        return loaded.kernel();
    }

    /**
     * The policy that applies where none is given: the one that the model file carries under {@code demur.policy}, else
     * the rule {@code threshold} with 0.5 for every category.
     *
     * @throws dev.demur.policy.PolicyException if the file's policy is not valid or not for this model
     */
    public RefusalPolicy policy() {
        return loaded.policy();
    }

    /**
     * A policy that the model file comes with.
     *
     * @throws dev.demur.policy.PolicyException if it does not have this one ({@link #presets} tells which it has), or that is
     *     not valid or not for this model
     */
    public RefusalPolicy policy(Preset preset) {
        return loaded.policies().policy(Given.value(preset, "preset"));
    }

    /** The policies that the model file comes with; none for most files. */
    public List<Preset> presets() {
        return loaded.policies().presets();
    }

    /** How many threads compute what is asked for next, as {@link LoadOptions#threads} says. */
    public int threads() {
        return loaded.threads();
    }

    /** The most tokens that a prompt and its reply have together, as {@link LoadOptions#contextSize} says. */
    public int contextSize() {
        return loaded.contextSize();
    }

    /**
     * The token ids of a conversation up to where it is decided on, the first of them being position 0.
     *
     * @throws DemurException if the chat template cannot render the conversation, or it has a character that the
     *     vocabulary cannot write
     */
    public int[] promptTokens(List<Message> messages) {
        return loaded.decisionPrompt(Given.list(messages, "messages")).ids();
    }

    /** As {@link #promptTokens}, up to where the reply begins: the readout may read another prompt, such as the last message alone. */
    public int[] replyTokens(List<Message> messages) {
        return loaded.prompt(Given.list(messages, "messages")).reply().ids();
    }

    /**
     * How many tokens of the context a conversation takes, with all that the chat template adds. A reply takes as many more as it
     * has tokens, at most {@link GenerationOptions#maxTokens}.
     *
     * @throws DemurException as for {@link #promptTokens}
     */
    public int countTokens(List<Message> messages) {
        return replyTokens(messages).length;
    }

    /** Decides a single user message by the model's own policy. */
    public Decision decide(String prompt) {
        return decide(Request.of(prompt));
    }

    /**
     * Decides at the first position, without answering.
     *
     * @param request the conversation, ending with the message to answer; of its options, policy and cancellation count
     * @throws PromptTooLongException if the prompt does not fit the context
     * @throws QueueFullException if as many calls wait as may ({@link LoadOptions#queueLimit})
     * @throws DemurException if the policy does not fit the model, or the assistant has the last word
     * @throws dev.demur.llama.LlamaException if the decode fails or its logits are not finite
     * @throws CancellationException if the request was cancelled
     * @throws IllegalStateException if this is closed, or a listener asks the model that is calling it
     */
    public Decision decide(Request request) {
        Cancellation cancellation = Given.value(request, "request").cancellation();
        Rules rules = loaded.rules(request.policy());
        return call(cancellation, () -> {
            Question question = question(request, rules);
            Call.run(engine, cancellation, List.of(question));
            return question.decision();
        });
    }

    private Question question(Request request, Rules rules) {
        return new Question(loaded, loaded.questionThatFits(request.messages()), rules);
    }

    /** Makes a call that no listener of another may make. */
    private <T> T call(@Nullable Cancellation cancellation, Supplier<T> call) {
        guard.requireNoListener();
        engine.requireOpen();
        if (cancellation != null) {
            cancellation.throwIfCancelled("the request");
        }
        return guard.run(call);
    }

    /**
     * Decides several requests in as few decodes as they fit into; on each as {@link #decide(Request)} does, within the noise of
     * sums in another order.
     *
     * @param requests each ending with the message to answer. When each of them is cancelled the call ends; a request that is
     *     cancelled alone is decided all the same
     * @return the decision on each, in their order
     * @throws PromptTooLongException if a prompt does not fit the context
     * @throws QueueFullException if as many calls wait as may
     * @throws DemurException if a policy does not fit the model, or the assistant has the last word in a conversation
     * @throws dev.demur.llama.LlamaException if a decode fails or its logits are not finite
     * @throws CancellationException if each of the requests was cancelled
     * @throws IllegalStateException as for {@link #decide(Request)}
     */
    public List<Decision> decideAll(List<Request> requests) {
        List<Request> asked = Given.list(requests, "requests");
        return call(null, () -> decideTogether(asked));
    }

    private List<Decision> decideTogether(List<Request> asked) {
        List<Rules> rules =
                asked.stream().map(request -> loaded.rules(request.policy())).toList();
        List<Question> questions = new ArrayList<>();
        try (BatchCancellation cancelling = new BatchCancellation(asked, engine::wake)) {
            for (int i = 0; i < asked.size(); i++) {
                cancelling.whole().throwIfCancelled("the request");
                questions.add(question(asked.get(i), rules.get(i)));
            }
            if (!questions.isEmpty()) {
                Call.run(engine, cancelling.whole(), questions);
            }
        }
        return questions.stream().map(Question::decision).toList();
    }

    /** Answers a single user message as {@link GenerationOptions#DEFAULTS} say. */
    public Generation generate(String prompt) {
        return generate(Request.of(prompt));
    }

    /** As {@link #generate(Request, GenerationListener)}, with nobody who listens. */
    public Generation generate(Request request) {
        return generate(request, text -> {});
    }

    /**
     * Decides, and generates the reply that follows, begun as the readout has it after the decision.
     *
     * @param request the conversation, ending with the message to answer
     * @param listener hears of the decision and of each piece of text, on the calling thread; what it throws ends the
     *     generation and reaches the caller
     * @throws PromptTooLongException if the prompt does not fit the context
     * @throws QueueFullException if as many calls wait as may ({@link LoadOptions#queueLimit})
     * @throws DemurException if the policy does not fit the model, or the assistant has the last word
     * @throws dev.demur.llama.LlamaException if a decode fails or its logits are not finite
     * @throws CancellationException if the request was cancelled before the decision; after it, what there is comes back with
     *     {@link FinishReason#CANCELLED}
     * @throws IllegalStateException if this is closed, or a listener asks the model that is calling it
     */
    public Generation generate(Request request, GenerationListener listener) {
        Given.value(request, "request");
        Given.value(listener, "listener");
        Rules rules = loaded.rules(request.policy());
        return call(request.cancellation(), () -> {
            Answer answer = answer(request, rules, listener);
            Call.run(engine, request.cancellation(), List.of(answer));
            return answer.generation();
        });
    }

    private Answer answer(Request request, Rules rules, GenerationListener listener) {
        Prompt prompt = loaded.promptThatFits(request.messages());
        return new Answer(loaded, new PreparedRequest(prompt, rules, request.options(), listener), null);
    }

    /** As {@link #generateAll(List, BatchListener)}, with nobody who listens. */
    public List<Generation> generateAll(List<Request> requests) {
        return generateAll(requests, (index, text) -> {});
    }

    /**
     * Answers several requests together: as {@link #generate(Request)} does for each, within the noise of sums in another order.
     * It is one call whose requests run together with those of other calls, and take turns with theirs. Timings count from
     * when a request's turn came.
     *
     * @param requests each ending with the message to answer. A cancellation ends its own reply at the next token, or right
     *     after its decision; when each of the requests is cancelled the batch ends as {@link #generate(Request)} does
     * @param listener hears of each decision and each piece of text, on the calling thread; what it throws ends all
     *     generations and reaches the caller
     * @return what became of each request, in their order
     * @throws PromptTooLongException if a prompt does not fit the context
     * @throws QueueFullException if as many calls wait as may
     * @throws DemurException if a policy does not fit the model, or the assistant has the last word in a conversation
     * @throws dev.demur.llama.LlamaException if a decode fails, logits are not finite, or a grammar leads nowhere; all end
     * @throws CancellationException if each of the requests was cancelled before the last of them was decided
     * @throws IllegalStateException as for {@link #generate(Request, GenerationListener)}
     */
    public List<Generation> generateAll(List<Request> requests, BatchListener listener) {
        List<Request> asked = Given.list(requests, "requests");
        Given.value(listener, "listener");
        return call(null, () -> generateTogether(asked, listener));
    }

    private List<Generation> generateTogether(List<Request> asked, BatchListener listener) {
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            Request request = asked.get(i);
            answers.add(answer(request, loaded.rules(request.policy()), new IndexedListener(i, listener)));
        }
        if (!answers.isEmpty()) {
            try (BatchCancellation cancelling = new BatchCancellation(asked, engine::wake)) {
                Call.run(engine, cancelling.whole(), answers);
            }
        }
        return answers.stream().map(Answer::generation).toList();
    }

    /**
     * As {@link #generate(Request)}, on a thread of its own.
     *
     * @return the generation to come. To cancel it cancels the generation too; what generate throws, a {@link QueueFullException} among
     *     it, ends it
     * @throws IllegalStateException if this is closed, or a listener asks the model that is calling it
     */
    public CompletableFuture<Generation> generateAsync(Request request) {
        Given.value(request, "request");
        guard.requireNoListener();
        engine.requireOpen();
        return GenerationFuture.start(
                request.cancellation(), cancellation -> generate(request.withCancellation(cancellation)));
    }

    /**
     * As {@link #generate(Request, GenerationListener)}, on a thread of its own: the caller takes the decision and the text from
     * the stream, and closes it. What generate throws, a {@link QueueFullException} among it, the stream's methods throw.
     *
     * @throws IllegalStateException if this is closed, or a listener asks the model that is calling it
     */
    public GenerationStream stream(Request request) {
        Given.value(request, "request");
        guard.requireNoListener();
        engine.requireOpen();
        return GenerationStream.start(
                request.cancellation(),
                (cancellation, listener) -> generate(request.withCancellation(cancellation), listener));
    }

    /**
     * Begins a conversation, whose tokens stay in this model's cache as long as there is room.
     *
     * <p>The caller closes it, which makes room for others. Closing this model first is safe: the conversation's next call then throws
     * an {@link IllegalStateException}.
     */
    public Conversation converse() {
        engine.requireOpen();
        return new Conversation(loaded, engine);
    }

    @Override
    public void close() {
        closed = true;
        engine.close();
        loaded.close();
        if (copied != null) {
            copied.delete();
        }
    }
}
