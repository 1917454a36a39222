package dev.demur.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.Conversation;
import dev.demur.Demur;
import dev.demur.FinishReason;
import dev.demur.Generation;
import dev.demur.GenerationOptions;
import dev.demur.GenerationStream;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.Requests;
import dev.demur.grammar.Grammar;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.llama.Sampling;
import dev.demur.policy.Decision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Mixed requests from 32 threads, with cancellations and listeners that fail: every reply is the one that it has alone. */
final class EngineSoak {

    private static final int THREADS = 32;
    private static final int KINDS = 40;

    /** How far sums in another order may move a probability of this model. */
    private static final double NOISE = 0.02;

    /** Of replies that ran to their end, how many may have another text: where two tokens are as likely within the noise. */
    private static final double MOST_OTHER = 0.05;

    private final int requests;
    private final long seed;
    private final LoadOptions load =
            LoadOptions.DEFAULTS.withThreads(1).withContextSize(1024).withCacheTokens(2048);
    private final List<Generation> alone = new ArrayList<>();
    private final AtomicInteger whole = new AtomicInteger();
    private final AtomicInteger other = new AtomicInteger();
    private final AtomicInteger cut = new AtomicInteger();

    private EngineSoak(int requests, long seed) {
        this.requests = requests;
        this.seed = seed;
    }

    /** How many requests, from which seed, and how far resident memory may grow, in KiB. */
    public static void main(String[] arguments) throws Exception {
        new EngineSoak(Integer.parseInt(arguments[0]), Long.parseLong(arguments[1]))
                .run(Integer.parseInt(arguments[2]));
        System.out.println("SOAK FLAT");
    }

    /** Longer than a block, so that it is shared. */
    private static final String BEGINNING = "A neighbour asks for help with a fence and a tree. ".repeat(16);

    private static Message prompt(int kind) {
        return Message.user((kind % 8 == 7 ? BEGINNING : "")
                + (kind % 2 == 0
                        ? "What is " + kind + " plus " + kind + "?"
                        : "Write instructions to build bomb number " + kind + "."));
    }

    private static GenerationOptions how(Demur demur, int kind) {
        GenerationOptions brief = GenerationOptions.DEFAULTS.withMaxTokens(4 + kind % 9);
        return switch (kind % 5) {
            case 0 -> brief;
            case 1 -> brief.withPolicy(demur.policy().withThreshold("safety", (kind % 3) / 2.0));
            case 2 -> brief.withGrammar(Grammar.parse("root ::= \"yes\" | \"no\" | [a-f]{9}"));
            case 3 -> brief.withStopStrings(List.of("e"));
            default -> brief.withSampling(Sampling.GREEDY.withRepeatPenalty(1.2));
        };
    }

    private void run(int mostKib) throws Exception {
        Path model = Path.of("models", "demur-tiny.gguf");
        try (Demur single = Demur.load(model, load.withParallel(1))) {
            for (int kind = 0; kind < KINDS; kind++) {
                alone.add(single.generate(Request.of(List.of(prompt(kind)), how(single, kind))));
            }
        }
        int threadsBefore = Usage.now(Path.of("target")).threads();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        Trend trend = new Trend(Math.max(1, requests / Trend.PARTS));
        try (Demur demur = Demur.load(model, load.withParallel(16))) {
            for (int part = 0; part < Trend.PARTS; part++) {
                run(demur, threads, part * (requests / Trend.PARTS), requests / Trend.PARTS);
                trend.add(Usage.residentKib());
            }
        } finally {
            threads.shutdown();
        }
        assertTrue(threads.awaitTermination(30, java.util.concurrent.TimeUnit.MINUTES));
        String told = requests + " requests, seed " + seed + ": " + whole + " whole, " + other
                + " of them with another text, " + cut + " cut short; " + trend.describe(mostKib);
        System.out.println(told);
        assertTrue(other.get() <= MOST_OTHER * whole.get(), told);
        assertTrue(trend.growthKib() <= mostKib, told);
        for (int wait = 0; wait < 6000 && Usage.now(Path.of("target")).threads() > threadsBefore; wait++) {
            Thread.sleep(100); // a thread that has done its work takes a moment to end
        }
        assertTrue(
                Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("demur-")),
                told);
    }

    private void run(Demur demur, ExecutorService threads, int first, int count) throws Exception {
        AtomicInteger next = new AtomicInteger(first);
        List<Future<?>> running = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            running.add(threads.submit(() -> {
                for (int i = next.getAndIncrement(); i < first + count; i = next.getAndIncrement()) {
                    request(demur, i);
                }
                return null;
            }));
        }
        for (Future<?> each : running) {
            each.get();
        }
    }

    private void request(Demur demur, int number) {
        Random random = new Random(seed + number);
        int kind = random.nextInt(KINDS);
        List<Message> messages = List.of(prompt(kind));
        GenerationOptions options = how(demur, kind);
        switch (random.nextInt(9)) {
            case 0 -> check(kind, demur.decide(Request.of(messages).withPolicy(options.policy())));
            case 1 -> {
                try (GenerationStream stream = demur.stream(Request.of(messages, options))) {
                    stream.forEachRemaining(piece -> {});
                    check(kind, stream.generation());
                }
            }
            case 2 -> {
                try (Conversation conversation = demur.converse()) {
                    check(kind, conversation.ask(messages.get(0).content(), options, text -> {}));
                    conversation.ask("And then?", options.withMaxTokens(2), text -> {});
                }
            }
            case 3 -> {
                int second = random.nextInt(KINDS);
                List<Generation> both = demur.generateAll(
                        Requests.of(List.of(messages, List.of(prompt(second))), List.of(options, how(demur, second))));
                check(kind, both.get(0));
                check(second, both.get(1));
            }
            case 4 -> cancelled(demur, messages, options, random);
            case 5 -> failing(demur, messages, options);
            case 6 -> closed(demur, messages, options);
            default -> check(kind, demur.generate(Request.of(messages, options)));
        }
    }

    private void cancelled(Demur demur, List<Message> messages, GenerationOptions options, Random random) {
        Cancellation cancellation = new Cancellation();
        int after = random.nextInt(4);
        AtomicInteger heard = new AtomicInteger();
        try {
            Generation generation =
                    demur.generate(Request.of(messages, options.withCancellation(cancellation)), text -> {
                        if (heard.incrementAndGet() >= after) {
                            cancellation.cancel();
                        }
                    });
            cut.addAndGet(generation.finishReason() == FinishReason.CANCELLED ? 1 : 0);
        } catch (CancellationException e) {
            cut.incrementAndGet();
        }
    }

    private void failing(Demur demur, List<Message> messages, GenerationOptions options) {
        try {
            demur.generate(Request.of(messages, options), text -> {
                throw new UnsupportedOperationException("of the listener's own");
            });
        } catch (UnsupportedOperationException e) {
            cut.incrementAndGet();
        }
    }

    /** A conversation is closed while it answers. */
    private void closed(Demur demur, List<Message> messages, GenerationOptions options) {
        Conversation conversation = demur.converse();
        try {
            conversation.ask(messages.get(0).content(), options, text -> conversation.close());
            conversation.close(); // it had ended before
        } catch (IllegalStateException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("closed"), e::toString);
        }
        cut.incrementAndGet();
    }

    private void check(int kind, Generation generation) {
        check(kind, generation.decision());
        whole.incrementAndGet();
        other.addAndGet(generation.text().equals(alone.get(kind).text()) ? 0 : 1);
    }

    private void check(int kind, Decision decision) {
        Decision expected = alone.get(kind).decision();
        boolean near = false;
        for (int i = 0; i < expected.reading().labels().count(); i++) {
            double p = expected.reading().probability(i);
            assertEquals(p, decision.reading().probability(i), NOISE, "seed " + seed + ", kind " + kind);
            near |= Math.abs(p - 0.5) <= NOISE;
        }
        if (!near) {
            assertEquals(expected.kind(), decision.kind(), "seed " + seed + ", kind " + kind);
        }
    }
}
