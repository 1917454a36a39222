package dev.demur.desktop.model;

import dev.demur.FinishReason;
import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.Timings;
import dev.demur.calibration.Provenance;
import dev.demur.dataset.RowLabels;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.llama.Processing;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.Preset;
import dev.demur.policy.Reading;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.Opening;
import dev.demur.scoring.PromptScorer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;

/** A model whose probability of safety is 0.8 where a message says "bomb" and 0.1 elsewhere, and that writes words. */
public final class FakeSession implements ModelSession {

    public static final Labels LABELS = new Labels(
            List.of(new Category("incomplete", "Incomplete requests"), new Category("safety", "Safety concerns")));
    static final ReadoutIdentity READOUT = new ReadoutIdentity("head", "fake", Map.of());
    static final String REPLY = "I would rather not.";

    private static final List<String> WORDS = List.of("One", " two", " three.");

    /** What it was asked, the last one at the end. */
    final List<List<Message>> asked = new ArrayList<>();

    /** Holds an answer up behind its first word. */
    volatile CountDownLatch gate = new CountDownLatch(0);

    /** What it says where it refuses. */
    public volatile String reply = REPLY;

    /** What it writes where it answers. */
    public volatile List<String> words = WORDS;

    /** How long it takes over each word, in milliseconds. */
    public volatile int pace;

    volatile boolean closed;
    volatile RuntimeException failure;

    @Override
    public Path file() {
        return Path.of("fake.gguf");
    }

    @Override
    public Labels labels() {
        return LABELS;
    }

    @Override
    public ReadoutIdentity readout() {
        return READOUT;
    }

    @Override
    public String readoutDescription() {
        return "a fake";
    }

    @Override
    public RefusalPolicy ownPolicy() {
        return RefusalPolicy.defaults(LABELS, READOUT, Rule.THRESHOLD).withReply("safety", reply);
    }

    @Override
    public List<Preset> presets() {
        return List.of(Preset.STRICT);
    }

    @Override
    public RefusalPolicy preset(Preset preset) {
        return ownPolicy().withThreshold("safety", 0.05);
    }

    @Override
    public Optional<Provenance> provenance(RefusalPolicy policy) {
        return Optional.empty();
    }

    @Override
    public int contextSize() {
        return 100;
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public List<String> devices() {
        return List.of();
    }

    @Override
    public boolean fellBack() {
        return false;
    }

    static Reading reading(double safety, double temperature) {
        return Reading.ofProbabilities(
                LABELS, temperature, new double[] {0.05, safety, 0.95 - safety}, LabelNumbers.NO_LABEL);
    }

    @Override
    public Generation answer(List<Message> messages, GenerationOptions options, GenerationListener listener) {
        asked.add(List.copyOf(messages));
        if (failure != null) {
            throw failure;
        }
        RefusalPolicy policy = options.policy();
        boolean bomb = messages.get(messages.size() - 1).content().contains("bomb");
        Decision decision = policy.decide(reading(bomb ? 0.8 : 0.1, policy.temperature()));
        listener.decided(decision);
        String fixed = policy.reply(decision);
        StringBuilder text = new StringBuilder();
        FinishReason finish = fixed == null ? FinishReason.STOP : FinishReason.FIXED_REPLY;
        for (String word : fixed == null ? words : List.of(fixed)) {
            Cancellation cancellation = options.cancellation();
            if (text.length() > 0 && waited(cancellation)) {
                finish = FinishReason.CANCELLED;
                break;
            }
            if (options.maxTokens() > 0) {
                text.append(word);
                listener.text(word);
            }
        }
        return new Generation(
                decision,
                new Opening.Nothing(),
                text.toString(),
                finish,
                new Timings(20, 0, 1, 1, 3, 1_000_000_000),
                Processing.HOST);
    }

    private boolean waited(Cancellation cancellation) {
        try {
            Thread.sleep(pace);
            while (gate.getCount() > 0 && !cancellation.isCancelled()) {
                Thread.sleep(1);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return cancellation.isCancelled();
    }

    /** The policies that a server was to decide by, the last one at the end. */
    final List<RefusalPolicy> served = new ArrayList<>();

    @Override
    public void serve(LocalServer.Running server, RefusalPolicy policy) {
        served.add(policy);
    }

    @Override
    public PromptScorer scorer() {
        throw new UnsupportedOperationException();
    }

    @Override
    public RowLabels rowLabels() {
        return new RowLabels(LABELS, READOUT);
    }

    @Override
    public Predicate<String> fitted() {
        return prompt -> false;
    }

    @Override
    public void close() {
        closed = true;
    }
}
