package dev.demur.cli.serve;

import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.Request;
import dev.demur.llama.Cancellation;
import dev.demur.llama.LlamaException;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A loaded model. Questions in words are put to the same weights by a frame for each kind of answer, with contexts of their own
 * that are made when the first such question comes.
 *
 * <p>The caller closes it. Where the model is another's, that one may close it first: questions then fail as everything else
 * that is asked of a closed model does, and the weights go when this is closed too.
 */
final class DemurEngine implements Engine, AutoCloseable {

    private final Demur demur;
    private final boolean owned;
    private volatile RefusalPolicy policy;
    private final Map<AnswerWords, Demur> asked = new EnumMap<>(AnswerWords.class);
    private boolean closed;

    /**
     * An engine.
     *
     * @param demur is closed with it
     * @param policy what decides where a request names nothing else
     */
    DemurEngine(Demur demur, RefusalPolicy policy) {
        this(demur, policy, true);
    }

    private DemurEngine(Demur demur, RefusalPolicy policy, boolean owned) {
        this.demur = demur;
        this.policy = policy;
        this.owned = owned;
    }

    /** An engine whose model stays open when it is closed. */
    static DemurEngine sharing(Demur demur, RefusalPolicy policy) {
        return new DemurEngine(demur, policy, false);
    }

    /** Whether it answers by this model. */
    boolean has(Demur model) {
        return demur == model;
    }

    /** Decides by another policy from now on. */
    void decideBy(RefusalPolicy other) {
        policy = other;
    }

    @Override
    public Labels labels() {
        return demur.labels();
    }

    @Override
    public int contextSize() {
        return demur.contextSize();
    }

    @Override
    public int promptTokens(List<Message> messages) {
        return demur.countTokens(messages);
    }

    @Override
    public int decidedTokens(List<Message> messages) {
        return demur.promptTokens(messages).length;
    }

    @Override
    public Generation generate(List<Message> messages, GenerationOptions options, GenerationListener listener) {
        return demur.generate(Request.of(messages, options), listener);
    }

    @Override
    public List<Decision> decide(List<List<Message>> conversations, Cancellation cancellation) {
        GenerationOptions options =
                GenerationOptions.DEFAULTS.withPolicy(policy).withCancellation(cancellation);
        List<Request> requests = conversations.stream()
                .map(messages -> Request.of(messages, options))
                .toList();
        return requests.size() == 1 ? List.of(demur.decide(requests.get(0))) : demur.decideAll(requests);
    }

    @Override
    public Asked ask(AnswerWords words, String question, Cancellation cancellation) {
        Demur model = asked(words);
        Request request = Request.of(question).withCancellation(cancellation);
        return new Asked(model.decide(request).reading(), model.promptTokens(request.messages()).length);
    }

    private synchronized Demur asked(AnswerWords words) {
        if (closed) {
            throw new IllegalStateException("the server is stopping");
        }
        return asked.computeIfAbsent(words, this::withFrame);
    }

    /** The model that answers asks itself: a decider has words of its own. */
    private Demur withFrame(AnswerWords words) {
        try {
            return demur.withFrame(words.frame());
        } catch (LlamaException e) {
            throw e;
        } catch (DemurException e) {
            throw ApiException.unanswerable(
                    "questions", "this model cannot be asked questions in words: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            asked.values().forEach(Demur::close);
        }
        if (owned) {
            demur.close();
        }
    }
}
