package dev.demur;

import dev.demur.llama.Cancellation;
import dev.demur.llama.EncodedPrompt;
import dev.demur.llama.Kernel;
import dev.demur.llama.LlamaModel;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.Given;
import dev.demur.policy.Labels;
import dev.demur.policy.Preset;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rules;
import dev.demur.readout.Readout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A loaded model: decides whether to answer a prompt, and answers it.
 *
 * <p>Each request stands by itself and is decoded anew; {@link #converse} begins one that goes on. The context is made for
 * the first request.
 *
 * <p>An interrupt of the thread that loads, decides or generates cancels as a {@link Cancellation} does, and the thread's
 * interrupt flag stays set: {@code Future.cancel(true)} and {@code ExecutorService.shutdownNow()} work.
 *
 * <p>Thread-safe: calls from several threads follow one another. {@link #close} frees the weights; it may come from any
 * thread, a call that is under way then ends with an {@link IllegalStateException}, as does every later one.
 */
public final class Demur implements AutoCloseable {

    private final LoadedModel loaded;
    private final Session session;

    Demur(LoadedModel loaded) {
        this.loaded = loaded;
        this.session = new Session(() -> new Decoder(loaded, loaded.newContext(), false));
    }

    /** Loads a model as its file and this machine suggest; errors as for {@link #load(Path, LoadOptions)}. */
    public static Demur load(Path file) {
        return load(file, LoadOptions.DEFAULTS);
    }

    /**
     * Loads a model.
     *
     * @throws dev.demur.gguf.GgufException if the file is missing, damaged or no GGUF file
     * @throws DemurException if the model has no control tokens, or a chat template that cannot be read
     * @throws dev.demur.llama.LlamaException if llama.cpp cannot be used or cannot load the model
     * @throws dev.demur.bindings.NativeLoadException if the native libraries cannot be loaded
     * @throws CancellationException if the options' cancellation was cancelled; nothing remains of the load
     */
    public static Demur load(Path file, LoadOptions options) {
        return new Demur(LoadedModel.load(Given.value(file, "file"), Given.value(options, "options")));
    }

    /** What prompts are decided to be: the model's categories, and respond. */
    public Labels labels() {
        return loaded.readout().labels();
    }

    /** Where the numbers of the labels come from. */
    public Readout readout() {
        return loaded.readout();
    }

    /** The loaded model, for its vocabulary, its file and the llama.cpp that runs it. */
    public LlamaModel model() {
        return loaded.model();
    }

    /** The options that it was loaded with. */
    public LoadOptions options() {
        return loaded.options();
    }

    /** The chat template of the model that answers, as {@link #decidingTemplate} has that of the model that decides. */
    public String chatTemplate() {
        return loaded.template();
    }

    /** The model that decides: the one that answers, unless {@link LoadOptions#decider} names another one. */
    public LlamaModel decidingModel() {
        return loaded.decidingModel();
    }

    /**
     * The chat template that conversations are put to the deciding model by: the name that was given, else the text that its
     * file carries, with what it is told besides the messages in a comment behind it. Null where the readout needs none.
     */
    public @Nullable String decidingTemplate() {
        return loaded.decidingTemplate();
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

    /**
     * How many threads compute what is asked for next: the number that was given, else one for each processor that others
     * leave free now, and one for a very small model.
     */
    public int threads() {
        return loaded.threads();
    }

    /**
     * The token ids of a conversation up to where it is decided on, the first of them being position 0.
     *
     * @throws DemurException if the chat template cannot render the conversation, or it has a character that the
     *     vocabulary cannot write
     */
    public int[] promptTokens(List<Message> messages) {
        return decisionPrompt(messages).ids();
    }

    /**
     * The prompt at whose end a conversation is decided on.
     *
     * @throws IllegalArgumentException as for {@link #promptTokens}
     */
    public EncodedPrompt decisionPrompt(List<Message> messages) {
        return loaded.decisionPrompt(Given.list(messages, "messages")).decision();
    }

    /**
     * Decides at the first position, without answering.
     *
     * @param messages the conversation, ending with the message to answer
     * @param policy what decides; null for {@link #policy()}
     * @throws DemurException if the prompt does not fit the context, or the policy does not fit the model
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
        List<Message> given = Given.list(messages, "messages");
        Rules rules = loaded.rules(policy);
        return session.inTurn(cancellation, decoder -> {
            Prompt prompt = loaded.decisionPrompt(given);
            return decoder.decide(List.of(prompt), List.of(rules)).get(0);
        });
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
     * @throws IllegalArgumentException if the numbers of both differ
     * @throws DemurException if a prompt does not fit the context, or a policy does not fit the model
     * @throws dev.demur.llama.LlamaException if a decode fails or its logits are not finite
     * @throws CancellationException if {@code cancellation} was cancelled
     */
    public List<Decision> decideAll(
            List<List<Message>> conversations, List<RefusalPolicy> policies, @Nullable Cancellation cancellation) {
        session.requireOpen();
        List<List<Message>> asked = given(conversations);
        List<RefusalPolicy> applied = Given.list(policies, "policies");
        if (asked.size() != applied.size()) {
            throw new IllegalArgumentException("there are " + asked.size() + " conversations and " + applied.size()
                    + " policies: give one for each");
        }
        List<Rules> rules = applied.stream().map(loaded::rules).toList();
        if (cancellation != null) {
            cancellation.throwIfCancelled("the request");
        }
        List<Prompt> prompts = asked.stream().map(loaded::decisionPrompt).toList();
        return prompts.isEmpty() ? List.of() : new StaticBatch(loaded).decide(prompts, rules, cancellation);
    }

    private static List<List<Message>> given(List<List<Message>> conversations) {
        return Given.list(conversations, "conversations").stream()
                .map(messages -> Given.<Message>list(messages, "messages"))
                .toList();
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
     * Decides, and generates the reply that follows, begun as the readout has it after the decision.
     *
     * @param messages the conversation, ending with the message to answer
     * @param listener hears of the decision and of each piece of text, on the calling thread; what it throws ends the
     *     generation and reaches the caller
     * @throws DemurException if the prompt does not fit the context, or the policy does not fit the model
     * @throws dev.demur.llama.LlamaException if a decode fails or its logits are not finite
     * @throws CancellationException if the options' cancellation was cancelled before the decision; after it, what there
     *     is comes back with {@link FinishReason#CANCELLED}
     */
    public Generation generate(List<Message> messages, GenerationOptions options, GenerationListener listener) {
        List<Message> given = Given.list(messages, "messages");
        Given.value(listener, "listener");
        Rules rules = loaded.rules(Given.value(options, "options").policy());
        return session.inTurn(options.cancellation(), decoder -> {
            Request request = new Request(loaded.prompt(given), rules, options, listener);
            return decoder.answer(List.of(request)).get(0);
        });
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
     * @throws IllegalArgumentException if the numbers of both differ
     * @throws DemurException if a prompt does not fit the context, or a policy does not fit the model
     * @throws dev.demur.llama.LlamaException if a decode fails, logits are not finite, or a grammar leads nowhere; all end
     * @throws CancellationException if each of the conversations was cancelled before the last of them was decided
     */
    public List<Generation> generateAll(
            List<List<Message>> conversations, List<GenerationOptions> options, BatchListener listener) {
        session.requireOpen();
        List<List<Message>> asked = given(conversations);
        List<GenerationOptions> each = Given.list(options, "options");
        Given.value(listener, "listener");
        if (asked.size() != each.size()) {
            throw new IllegalArgumentException(
                    "there are " + asked.size() + " conversations and " + each.size() + " options: give one for each");
        }
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < each.size(); i++) {
            GenerationOptions own = each.get(i);
            Rules rules = loaded.rules(own.policy());
            requests.add(new Request(loaded.prompt(asked.get(i)), rules, own, at(i, listener)));
        }
        return requests.isEmpty() ? List.of() : new StaticBatch(loaded).answer(requests);
    }

    private static GenerationListener at(int index, BatchListener listener) {
        return new GenerationListener() {
            @Override
            public void text(String piece) {
                listener.text(index, piece);
            }

            @Override
            public void decided(Decision decision) {
                listener.decided(index, decision);
            }
        };
    }

    /**
     * As {@link #generate(List, GenerationOptions, GenerationListener)}, on a thread of its own: the caller takes the
     * decision and the text from the stream, and closes it. What generate throws, the stream's methods throw.
     */
    public GenerationStream stream(List<Message> messages, GenerationOptions options) {
        List<Message> conversation = Given.list(messages, "messages");
        Given.value(options, "options");
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
        return new Conversation(loaded);
    }

    @Override
    public void close() {
        session.close();
        loaded.close();
    }
}
