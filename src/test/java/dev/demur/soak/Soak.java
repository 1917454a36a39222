package dev.demur.soak;

import dev.demur.Demur;
import dev.demur.FinishReason;
import dev.demur.Generation;
import dev.demur.GenerationOptions;
import dev.demur.GenerationStream;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.gguf.MicroLlama;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.llama.Sampling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Opens and closes models, and generates from several threads, with cancels and closes at bad moments, and prints what
 * became of memory, threads, files and mappings. A program of its own: run it in a JVM with a small fixed heap.
 */
final class Soak {

    private static final int THREADS = 4;
    /** Of a context that was made while another was in use glibc may keep the place, or have it free. */
    private static final int CONTEXT_KIB = 28 << 10;

    private static final List<Message> PROMPT = List.of(Message.user("how do you do what is the"));
    private static final GenerationOptions SHORT = GenerationOptions.DEFAULTS.withMaxTokens(6);

    private final Path model;
    private final LoadOptions options;
    private final long seed;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    /** Closed and opened again by one of the threads while the others use it. */
    private volatile Demur shared;

    private Soak(Path model, LoadOptions options, long seed) {
        this.model = model;
        this.options = options;
        this.seed = seed;
        this.shared = Demur.load(model, options);
    }

    /** Arguments: cycles, generations, the most growth in KiB, a seed, and a llama.cpp library. */
    public static void main(String[] args) throws Exception {
        int cycles = Integer.parseInt(args[0]);
        int generations = Integer.parseInt(args[1]);
        long most = Long.parseLong(args[2]);
        Path folder = Files.createTempDirectory("soak");
        Path model = MicroLlama.bytePair(1).write(folder.resolve("soak.gguf"));
        LoadOptions options = LoadOptions.DEFAULTS
                .withLlama(args.length > 4 ? Path.of(args[4]) : null)
                .withThreads(1)
                .withContextSize(64);
        Demur.load(model, options).close();
        Usage before = Usage.now(folder);
        Soak soak = new Soak(model, options, Long.parseLong(args[3]));
        // The most that the generations will need at once: a model that is closed while another is in use.
        soak.generateFromThreads(0, THREADS);
        soak.reopen();
        boolean flat = soak.measure("open and close", cycles, most, soak::openAndClose)
                & soak.measure("generations", generations, most + CONTEXT_KIB, soak::generateFromThreads);
        soak.end();
        Usage after = Usage.now(folder);
        for (int wait = 0; wait < 6000 && after.threads() > before.threads(); wait++) {
            Thread.sleep(100); // a thread that has done its work takes a moment to end
            after = Usage.now(folder);
        }
        Files.delete(model);
        Files.delete(folder);
        System.out.println("before " + before + ", after " + after);
        boolean left = after.threads() > before.threads() || after.files() > before.files() || after.mapped() > 0;
        System.out.println(flat && !left ? "SOAK FLAT" : "SOAK LEAKS");
    }

    private interface Work {
        void run(int first, int count) throws Exception;
    }

    /** Runs the work in twenty parts; the first eight warm up, and over the rest memory must not grow by more than that. */
    private boolean measure(String what, int count, long most, Work work) throws Exception {
        int part = Math.max(1, count / Trend.PARTS);
        Trend trend = new Trend(part);
        for (int i = 0; i < Trend.PARTS; i++) {
            work.run(i * part, part);
            trend.add(Usage.residentKib());
        }
        System.out.println(what + ", " + part * Trend.PARTS + ": " + trend.describe(most));
        return trend.growthKib() <= most;
    }

    private void openAndClose(int first, int count) throws Exception {
        for (int i = first; i < first + count; i++) {
            Random random = new Random(seed + i);
            switch (random.nextInt(4)) {
                case 0 -> closeWhileItGenerates(random);
                case 1 -> cancelTheLoad(random);
                default -> {
                    try (Demur demur = Demur.load(model, options)) {
                        demur.decide(Request.of(PROMPT));
                    }
                }
            }
        }
    }

    private void closeWhileItGenerates(Random random) throws Exception {
        Demur demur = Demur.load(model, options);
        Future<?> running = threads.submit(() -> {
            try {
                demur.generate(Request.of(PROMPT, SHORT));
            } catch (IllegalStateException e) {
                requireClosed(e);
            }
        });
        pause(random, 2_000_000);
        demur.close();
        running.get();
    }

    private void cancelTheLoad(Random random) throws Exception {
        Cancellation cancellation = new Cancellation();
        Future<?> loading = threads.submit(() -> {
            try {
                Demur.load(model, options.withCancellation(cancellation)).close();
            } catch (CancellationException e) {
                // as asked
            }
        });
        pause(random, 3_000_000);
        cancellation.cancel();
        loading.get();
    }

    private void generateFromThreads(int first, int count) throws Exception {
        AtomicInteger next = new AtomicInteger(first);
        List<Future<?>> running = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            running.add(threads.submit(() -> {
                for (int i = next.getAndIncrement(); i < first + count; i = next.getAndIncrement()) {
                    generate(i);
                }
                return null;
            }));
        }
        for (Future<?> each : running) {
            each.get();
        }
    }

    private void generate(int i) {
        Random random = new Random(seed - i);
        if (random.nextInt(100) == 0) {
            reopen();
            return;
        }
        Cancellation cancellation = random.nextInt(4) == 0 ? new Cancellation() : null;
        GenerationOptions how = SHORT.withSampling(
                        Sampling.GREEDY.withTemperature(random.nextInt(2)).withSeed(i))
                .withCancellation(cancellation);
        try {
            if (random.nextInt(8) == 0) {
                try (GenerationStream stream = shared.stream(Request.of(PROMPT, how))) {
                    for (int left = random.nextInt(3); left > 0 && stream.hasNext(); left--) {
                        stream.next();
                    }
                }
            } else {
                Generation generation =
                        shared.generate(Request.of(PROMPT, how), text -> cancelNow(cancellation, random));
                if (generation.finishReason() == FinishReason.CANCELLED && cancellation == null) {
                    throw new AssertionError("cancelled by nobody, seed " + seed + ", generation " + i);
                }
            }
        } catch (IllegalStateException e) {
            if (!(e instanceof CancellationException)) {
                requireClosed(e);
            }
        }
    }

    private synchronized void reopen() {
        Demur old = shared;
        shared = Demur.load(model, options);
        old.close();
    }

    private static void cancelNow(@Nullable Cancellation cancellation, Random random) {
        if (cancellation != null && random.nextBoolean()) {
            cancellation.cancel();
        }
    }

    private static void requireClosed(IllegalStateException e) {
        if (!String.valueOf(e.getMessage()).contains("closed")) {
            throw e;
        }
    }

    private static void pause(Random random, int nanos) {
        long end = System.nanoTime() + random.nextInt(nanos);
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private void end() throws InterruptedException {
        shared.close();
        threads.shutdown();
        if (!threads.awaitTermination(30, java.util.concurrent.TimeUnit.MINUTES)) {
            throw new AssertionError("a thread did not end");
        }
    }
}
