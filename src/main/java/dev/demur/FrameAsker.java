package dev.demur;

import dev.demur.arguments.Given;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.llama.internal.CallCancellation;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.LlamaModel;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import dev.demur.readout.internal.Readout;
import dev.demur.readout.words.Frame;
import dev.demur.readout.words.internal.FrameSpec;
import dev.demur.readout.words.internal.WordsReadout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the model that decides by frames that are made as they are needed, as {@link Demur#frameAsker} gives it: on one context of
 * its own, which grows with the prompts, where {@link Demur#withFrame} has contexts for each frame.
 *
 * <p>Thread-safe: questions follow one another. {@link #close} frees the context.
 */
public final class FrameAsker implements AutoCloseable {

    /** How many frames are kept as this model reads them; one more takes the place of the one that was asked longest ago. */
    private static final int KEPT = 256;

    private static final int LEAST_SIZE = 256;
    private static final int BATCH = 512;

    private final LoadedModel loaded;
    private final LlamaModel model;
    private final ChatTemplate template;
    private final Map<FrameSpec, WordsReadout> readouts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<FrameSpec, WordsReadout> eldest) {
            return size() > KEPT;
        }
    };
    private @Nullable LlamaContext context;
    private boolean closed;

    /**
     * What was read of a question.
     *
     * @param reading of the frame's labels
     * @param promptTokens how many tokens the question has, with what it is about
     */
    public record Answer(Reading reading, int promptTokens) {
        public Answer {
            Given.value(reading, "reading");
        }
    }

    FrameAsker(LoadedModel loaded) {
        this.loaded = loaded;
        this.model = loaded.decidingModel();
        LoadOptions options = loaded.options();
        this.template = loaded.hasDecider()
                ? ChatTemplate.of(model.runtime(), model.file(), null)
                : ChatTemplate.of(model.runtime(), model.file(), options.chatTemplate(), options.templateVariables());
    }

    /**
     * Asks one question.
     *
     * @param messages what it is about
     * @param goesOn whether the question before was about the same messages: what both prompts begin with is then not decoded again.
     *     If not, the numbers are the same each time, to the bit
     * @param cancellation ends it from another thread, as an interrupt of this one does; null for none
     * @throws PromptTooLongException if the question, with what it is about, does not fit the context
     * @throws DemurException if the frame does not fit the model, or the conversation lacks what the frame judges
     * @throws dev.demur.llama.LlamaException if the decode fails or its logits are not finite
     * @throws CancellationException if it was cancelled
     * @throws IllegalStateException if this or the model is closed
     */
    public synchronized Answer ask(
            Frame frame, List<Message> messages, boolean goesOn, @Nullable Cancellation cancellation) {
        FrameSpec asked = FrameSpec.of(Given.value(frame, "frame"));
        List<Message> about = Given.list(messages, "messages");
        if (closed) {
            throw new IllegalStateException("what asks by frames is closed");
        }
        model.requireOpen();
        WordsReadout readout = readouts.computeIfAbsent(asked, key -> new WordsReadout(key, model, template));
        EncodedPrompt prompt = readout.prompt(about, EncodedPrompt.of());
        if (prompt.longest() > loaded.askedSize()) {
            throw PromptTooLongException.ofQuestion(asked.name(), prompt.longest(), loaded.askedSize());
        }
        LlamaContext on = context(prompt.longest());
        Rules rules = RefusalPolicy.defaults(readout.labels(), readout.identity(), Rule.THRESHOLD)
                .bind(readout.labels());
        try (CallCancellation call = CallCancellation.begin(cancellation)) {
            call.cancellation().throwIfCancelled("the question");
            return new Answer(read(on, readout, prompt, rules, goesOn, call), prompt.ids().length);
        }
    }

    private static Reading read(
            LlamaContext on,
            WordsReadout readout,
            EncodedPrompt prompt,
            Rules rules,
            boolean goesOn,
            CallCancellation call) {
        Cancellation.Scope scope = on.cancelledBy(call.cancellation());
        try (scope) {
            Readout.Reader reader = readout.reader(on);
            reader.prepare(new int[] {0}, List.of(rules), true);
            if (!goesOn) {
                on.clear(0);
            }
            int held = goesOn ? on.resume(0, prompt.ids()) : 0;
            reader.hold(0, prompt, held);
            on.decode(0, prompt.ids());
            return reader.read(0, rules);
        }
    }

    /** A context of at least that size; one that is too small gives way to a larger one. */
    private LlamaContext context(int size) {
        LlamaContext made = context;
        if (made == null || made.size() < size) {
            int wanted = LEAST_SIZE;
            while (wanted < size) {
                wanted *= 2;
            }
            wanted = Math.min(wanted, loaded.askedSize());
            if (made != null) {
                made.close();
                context = null;
            }
            made = LlamaContext.create(model, wanted, Math.min(wanted, BATCH), 1, loaded.threads());
            context = made;
        }
        return made;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (context != null) {
            context.close();
            context = null;
        }
    }
}
