package dev.demur.cli.serve;

import dev.demur.FinishReason;
import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.PromptTooLongException;
import dev.demur.Timings;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.llama.Processing;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.Opening;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/**
 * In place of a model: decides by the word "bomb", writes one piece for each token, and does both as slowly as a test wants.
 * Words in a message say what else it does: "hold" waits for {@link #held} before the decision, "crawl" before each piece,
 * "break" throws, and "overflow" is a prompt that is too long after all.
 */
final class SlowEngine implements Engine {

    static final Labels LABELS = new Labels(List.of(
            new Category("safety", "Requests with safety concerns"),
            new Category("unsupported", "Unsupported requests")));

    /** What each waits for that was told to. */
    final Semaphore held = new Semaphore(0);

    final CountDownLatch waiting = new CountDownLatch(1);
    final LinkedBlockingQueue<String> cancelled = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<GenerationOptions> options = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<List<Message>> conversations = new LinkedBlockingQueue<>();
    volatile String piece = "word ";

    /** How likely the model is to answer a question by a letter that it was offered, or by yes or no. */
    volatile double coverage = 0.9;

    static RefusalPolicy policy() {
        return RefusalPolicy.defaults(LABELS, null, Rule.THRESHOLD);
    }

    @Override
    public Labels labels() {
        return LABELS;
    }

    @Override
    public int contextSize() {
        return 100;
    }

    @Override
    public int promptTokens(List<Message> messages) {
        return messages.stream().mapToInt(m -> m.content().split(" ").length).sum();
    }

    @Override
    public int decidedTokens(List<Message> messages) {
        return last(messages).split(" ").length;
    }

    private static String last(List<Message> messages) {
        return messages.get(messages.size() - 1).content();
    }

    private static Decision decision(List<Message> messages) {
        double p = last(messages).contains("bomb") ? 0.8 : 0.1;
        return policy().decide(Reading.ofProbabilities(LABELS, 1, new double[] {p, 0.05, 0.95 - p}, 2));
    }

    private void await(Cancellation cancellation, String text) {
        waiting.countDown();
        Cancellation.Scope scope = cancellation.onCancel(() -> {
            cancelled.add(text);
            held.release();
        });
        try (scope) {
            held.acquire();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Generation generate(List<Message> messages, GenerationOptions given, GenerationListener listener) {
        options.add(given);
        conversations.add(messages);
        String text = last(messages);
        Cancellation cancellation = given.cancellation();
        if (text.contains("break")) {
            throw new IllegalStateException("it broke");
        }
        if (text.contains("overflow")) {
            throw new PromptTooLongException(101, 100);
        }
        if (text.contains("hold")) {
            await(cancellation, text);
            if (cancellation.isCancelled()) {
                throw new CancellationException("the request was cancelled");
            }
        }
        Decision decision = decision(messages);
        listener.decided(decision);
        if (decision instanceof Decision.Refuse) {
            listener.text("I won't.");
            return generation(messages, decision, "I won't.", 0, FinishReason.FIXED_REPLY);
        }
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < given.maxTokens(); i++) {
            if (text.contains("crawl")) {
                await(cancellation, text);
            }
            if (cancellation.isCancelled()) {
                return generation(messages, decision, all.toString(), i, FinishReason.CANCELLED);
            }
            all.append(piece);
            listener.text(piece);
        }
        return generation(messages, decision, all.toString(), given.maxTokens(), FinishReason.LENGTH);
    }

    private Generation generation(
            List<Message> messages, Decision decision, String text, int tokens, FinishReason reason) {
        Timings timings = new Timings(promptTokens(messages), 0, 1000, tokens > 0 ? 2000 : 0, tokens, 3000);
        return new Generation(decision, new Opening.Nothing(), text, reason, timings, Processing.HOST);
    }

    @Override
    public List<Decision> decide(List<List<Message>> asked, Cancellation cancellation) {
        conversations.addAll(asked);
        if (last(asked.get(0)).contains("hold")) {
            await(cancellation, last(asked.get(0)));
            cancellation.throwIfCancelled("the request");
        }
        return asked.stream().map(SlowEngine::decision).toList();
    }

    /** Yes with 0.75; of letters the second with 0.6, the first with 0.2, the third with 0.1, and none of them with the rest. */
    @Override
    public Asked ask(AnswerWords words, String question, Cancellation cancellation) {
        conversations.add(List.of(Message.user(question)));
        if (words == AnswerWords.YES_NO) {
            Labels labels = new Labels(List.of(new Category("yes", "Yes")));
            Reading reading = Reading.ofProbabilities(labels, 1, new double[] {0.75, 0.25}, 0);
            return new Asked(reading.withCoverage(coverage), 7);
        }
        List<Category> letters = "abcdefghijklmnopqrstuvwxy"
                .chars()
                .mapToObj(c -> new Category(String.valueOf((char) c), "Option"))
                .toList();
        double[] p = new double[26];
        Arrays.fill(p, 0.1 / 23);
        p[0] = 0.2;
        p[1] = 0.6;
        p[2] = 0.1;
        return new Asked(Reading.ofProbabilities(new Labels(letters), 1, p, 1).withCoverage(coverage), 9);
    }
}
