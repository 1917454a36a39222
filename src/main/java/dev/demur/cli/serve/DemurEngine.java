package dev.demur.cli.serve;

import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.llama.Cancellation;
import dev.demur.llama.LlamaException;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A loaded model. Questions in words are put to the same file, loaded once more for each kind of answer when the first such
 * question comes: the weights are mapped and so shared, the contexts are not. The caller closes it.
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
        return demur.options().contextSizeOrDefault(demur.model().trainedContext());
    }

    @Override
    public int promptTokens(List<Message> messages) {
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
        Demur model = loaded(words, cancellation);
        List<Message> messages = List.of(Message.user(question));
        return new Asked(
                model.decide(Request.of(messages).withCancellation(cancellation))
                        .reading(),
                model.promptTokens(messages).length);
    }

    private synchronized Demur loaded(AnswerWords words, Cancellation cancellation) {
        if (closed) {
            throw new IllegalStateException("the server is stopping");
        }
        Demur loaded = asked.get(words);
        if (loaded == null) {
            loaded = load(words, cancellation);
            asked.put(words, loaded);
        }
        return loaded;
    }

    /** The model that answers asks itself: a decider has words of its own, and control tokens are none. */
    private Demur load(AnswerWords words, Cancellation cancellation) {
        Path frame = null;
        try {
            frame = Files.createTempFile("demur-", ".json");
            try (InputStream in = DemurEngine.class.getResourceAsStream(words.resource())) {
                if (in == null) {
                    throw new IllegalStateException("the jar lacks " + words.resource());
                }
                Files.write(frame, in.readAllBytes());
            }
            LoadOptions options = demur.options()
                    .withReadout(frame.toString())
                    .withControlTokens(Map.of())
                    .withDecider(null)
                    .withWrittenRefusals(false)
                    .withProgress(null)
                    .withCancellation(cancellation);
            return Demur.load(demur.model().file().path(), options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (LlamaException e) {
            throw e;
        } catch (DemurException e) {
            throw ApiException.unanswerable(
                    "questions", "this model cannot be asked questions in words: " + e.getMessage());
        } finally {
            delete(frame);
        }
    }

    private static void delete(@Nullable Path file) {
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                file.toFile().deleteOnExit();
            }
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
