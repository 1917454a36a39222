package dev.demur.spring;

import dev.demur.Demur;
import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.Request;
import dev.demur.calibration.Promise;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Asks a model by the policy that the application is configured with, and tells listeners of each decision. The advisor, the
 * chat model, the health indicator and the meters all go by one of these; a request that is made of {@link Demur} itself is
 * not counted.
 *
 * <p>Thread-safe. It does not own the model: Spring closes that with the application.
 */
public final class DemurTemplate {

    private final Demur demur;
    private final RefusalPolicy policy;
    private final String policySource;
    private final Promise promise;
    private final List<DecisionListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger queued = new AtomicInteger();

    /**
     * Asks a model by a policy.
     *
     * @param policySource where the policy came from, as messages name it
     * @param promise what the policy promises on this model, as {@link Promise#of(RefusalPolicy, Demur, String)} tells it
     */
    public DemurTemplate(Demur demur, RefusalPolicy policy, String policySource, Promise promise) {
        this.demur = demur;
        this.policy = policy;
        this.policySource = policySource;
        this.promise = promise;
    }

    /** The model. */
    public Demur demur() {
        return demur;
    }

    /** What decides where a request has no policy of its own. */
    public RefusalPolicy policy() {
        return policy;
    }

    /** Where {@link #policy} came from, as messages name it. */
    public String policySource() {
        return policySource;
    }

    /** What {@link #policy} promises here. */
    public Promise promise() {
        return promise;
    }

    /** The model's name for people and metadata: that of its file, without the ending. */
    public String modelName() {
        return name(demur.model().file().path().getFileName().toString());
    }

    private static String name(String file) {
        return file.endsWith(".gguf") ? file.substring(0, file.length() - ".gguf".length()) : file;
    }

    /** Has a listener hear of every decision from now on. */
    public void addListener(DecisionListener listener) {
        listeners.add(listener);
    }

    /** How many requests wait for their decision or are being decided. */
    public int queued() {
        return queued.get();
    }

    /** How many requests are under way, answers that are being written among them. */
    public int active() {
        return active.get();
    }

    /** Decides a single user message. */
    public Decision decide(String prompt) {
        return decide(List.of(Message.user(prompt)), null);
    }

    /**
     * Decides a conversation by {@link #policy}; errors as for {@link Demur#decide(dev.demur.Request)}.
     *
     * @param messages ending with the message to answer
     * @param cancellation ends it from another thread; null for none
     */
    public Decision decide(List<Message> messages, @Nullable Cancellation cancellation) {
        try (Watched watched = new Watched()) {
            Decision decision = watched.watch(
                    () -> demur.decide(Request.of(messages).withPolicy(policy).withCancellation(cancellation)));
            watched.decided(decision);
            return decision;
        }
    }

    /**
     * Decides and answers a conversation; errors as for {@link Demur#generate(dev.demur.Request, GenerationListener)}.
     *
     * @param options by whose policy it is decided, or by {@link #policy} where they have none
     */
    public Generation generate(List<Message> messages, GenerationOptions options, GenerationListener listener) {
        GenerationOptions applied = options.policy() == null ? options.withPolicy(policy) : options;
        try (Watched watched = new Watched()) {
            return watched.watch(() -> demur.generate(Request.of(messages, applied), new GenerationListener() {
                @Override
                public void decided(Decision decision) {
                    watched.decided(decision);
                    listener.decided(decision);
                }

                @Override
                public void text(String piece) {
                    listener.text(piece);
                }
            }));
        }
    }

    /** What a request is worked on by. */
    private interface Work<T> {
        T done();
    }

    /** One request, counted from its beginning to its end. */
    private final class Watched implements AutoCloseable {

        private final long start = System.nanoTime();
        private final AtomicBoolean waits = new AtomicBoolean(true);

        Watched() {
            active.incrementAndGet();
            queued.incrementAndGet();
        }

        <T> T watch(Work<T> work) {
            try {
                return work.done();
            } catch (CancellationException e) {
                throw e;
            } catch (RuntimeException | Error e) {
                listeners.forEach(listener -> listener.failed(e));
                throw e;
            }
        }

        void decided(Decision decision) {
            leaveQueue();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            listeners.forEach(listener -> listener.decided(decision, took));
        }

        private void leaveQueue() {
            if (waits.compareAndSet(true, false)) {
                queued.decrementAndGet();
            }
        }

        @Override
        public void close() {
            leaveQueue();
            active.decrementAndGet();
        }
    }
}
