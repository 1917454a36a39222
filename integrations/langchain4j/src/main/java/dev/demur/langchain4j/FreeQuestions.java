package dev.demur.langchain4j;

import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.llama.CallCancellation;
import dev.demur.llama.Cancellation;
import dev.demur.llama.ChatTemplate;
import dev.demur.llama.EncodedPrompt;
import dev.demur.llama.LlamaContext;
import dev.demur.llama.LlamaModel;
import dev.demur.llama.Message;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import dev.demur.readout.Readout;
import dev.demur.readout.words.FrameFile;
import dev.demur.readout.words.WordsReadout;
import dev.langchain4j.model.decision.request.Question;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks the model that decides questions in words, each by a frame that is made from it, on one context of its own over the
 * same weights.
 *
 * <p>Thread-safe: requests follow one another.
 */
final class FreeQuestions implements AutoCloseable {

    /** How many questions' readouts are kept; one more takes the place of the one that was asked longest ago. */
    private static final int KEPT = 256;

    private static final int LEAST_SIZE = 256;
    private static final int BATCH = 512;

    private final Demur demur;
    private final LlamaModel model;
    private final ChatTemplate template;
    private final String before;
    private final int largest;
    private final Map<Key, WordsReadout> readouts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, WordsReadout> eldest) {
            return size() > KEPT;
        }
    };
    private @Nullable LlamaContext context;
    private boolean closed;

    private record Key(Question question, boolean aboutConversation) {}

    /**
     * What was read of a question.
     *
     * @param reading of the frame's labels
     * @param tokens of the prompt
     */
    record Read(Reading reading, int tokens) {}

    /** On the model that decides, which has a chat template or cannot be asked. */
    FreeQuestions(Demur demur) {
        this.demur = demur;
        this.model = LlamaModel.of(demur.decidingModel());
        this.template = model == demur.model()
                ? ChatTemplate.of(
                        model.runtime(),
                        model.file(),
                        demur.options().chatTemplate(),
                        demur.options().templateVariables())
                : ChatTemplate.of(model.runtime(), model.file(), null);
        // A model with control tokens begins each of its answers with one.
        this.before = demur.readout().identity().tokens().getOrDefault(Labels.RESPOND, "");
        this.largest = demur.options().contextSizeOrDefault(model.trainedContext());
    }

    /**
     * Asks one question.
     *
     * @param isFirst whether nothing was asked about these messages just before; else the beginning of the prompt is held
     * @throws DemurException if the frame does not fit the model, or the prompt not the context
     */
    synchronized Read ask(
            String name,
            Question question,
            List<Message> messages,
            boolean aboutConversation,
            boolean isFirst,
            @Nullable Cancellation cancellation) {
        if (closed) {
            throw new IllegalStateException("the decision model is closed");
        }
        WordsReadout readout = readouts.computeIfAbsent(
                new Key(question, aboutConversation), key -> readout(name, question, aboutConversation));
        EncodedPrompt prompt = readout.prompt(messages, EncodedPrompt.of());
        if (prompt.longest() > largest) {
            throw new DemurException("the question '" + name + "' and what it is about have " + prompt.longest()
                    + " tokens and the context holds " + largest
                    + ": shorten them or raise the context size (LoadOptions.withContextSize)");
        }
        LlamaContext on = context(prompt.longest());
        Rules rules = RefusalPolicy.defaults(readout.labels(), readout.identity(), Rule.THRESHOLD)
                .bind(readout.labels());
        try (CallCancellation call = CallCancellation.begin(cancellation)) {
            call.cancellation().throwIfCancelled("the decision");
            return new Read(read(on, readout, prompt, rules, isFirst, call), prompt.ids().length);
        }
    }

    private static Reading read(
            LlamaContext on,
            WordsReadout readout,
            EncodedPrompt prompt,
            Rules rules,
            boolean isFirst,
            CallCancellation call) {
        Cancellation.Scope scope = on.cancelledBy(call.cancellation());
        try (scope) {
            Readout.Reader reader = readout.reader(on);
            reader.prepare(new int[] {0}, List.of(rules), true);
            if (isFirst) {
                on.clear(0);
            }
            int held = isFirst ? 0 : on.resume(0, prompt.ids());
            reader.hold(0, prompt, held);
            on.decode(0, prompt.ids());
            return reader.read(0, rules);
        }
    }

    private WordsReadout readout(String name, Question question, boolean aboutConversation) {
        String json = QuestionFrame.json(name, question, aboutConversation, before);
        return new WordsReadout(FrameFile.parse(json, "the question '" + name + "'"), model, template);
    }

    /** A context of at least that size; one that is too small gives way to a larger one. */
    private LlamaContext context(int size) {
        LlamaContext made = context;
        if (made == null || made.size() < size) {
            int wanted = LEAST_SIZE;
            while (wanted < size) {
                wanted *= 2;
            }
            wanted = Math.min(wanted, largest);
            if (made != null) {
                made.close();
                context = null;
            }
            made = LlamaContext.create(model, wanted, Math.min(wanted, BATCH), 1, demur.threads());
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
