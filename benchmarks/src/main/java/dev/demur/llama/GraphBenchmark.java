package dev.demur.llama;

import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.demur.policy.RefusalPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A step of greedy generation, a token in each of some sequences, with the logits read on the host and in the compute
 * graph; and how many bytes of them come to the host. Run it in the repository's folder, with a llama.cpp that has backend
 * samplers.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 15, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class GraphBenchmark {

    private static final int SIZE = 256;
    private static final int BATCH = 512;
    private static final int PROMPT = 8;

    /** The model. */
    @Param("models/demur-tiny.gguf")
    public String model = "";

    /** A llama.cpp library; empty for java-llama.cpp's. */
    @Param("")
    public String llama = "";

    /** What computes; empty for llama.cpp's choice. */
    @Param("")
    public String device = "";

    /** {@code host} or {@code in-graph}. */
    @Param({"host", "in-graph"})
    public String processing = "";

    @Param({"1", "4", "16"})
    public int sequences;

    private Demur demur;
    private BatchContext context;
    private List<Sampler> samplers;
    private List<int[]> prompts;
    private int[] tokens;
    private long bytes;

    /** What the steps of an iteration brought to the host. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Traffic {
        public long steps;
        public long bytes;
    }

    @Setup(Level.Trial)
    public void load() {
        LoadOptions options = llama.isEmpty() ? LoadOptions.DEFAULTS : LoadOptions.DEFAULTS.withLlama(Path.of(llama));
        if (!device.isEmpty()) {
            options = options.withDevices(List.of(device));
        }
        boolean inGraph = processing.equals(Processing.IN_GRAPH.id());
        demur = Demur.load(Path.of(model), options.withThreads(1));
        context = inGraph
                ? BatchContext.createInGraph(demur.model(), demur.controlTokens(), sequences, SIZE, BATCH, 1)
                : BatchContext.create(demur.model(), sequences, SIZE, BATCH, 1, new int[0]);
        if (!context.processing().id().equals(processing)) {
            throw new IllegalStateException("this llama.cpp cannot read logits in its graph: name another, -p llama=FILE");
        }
        samplers = new ArrayList<>();
        prompts = new ArrayList<>();
        Random random = new Random(1);
        Kernel kernel = Kernel.choose(demur.model().runtime().bindings(), null);
        for (int i = 0; i < sequences; i++) {
            samplers.add(
                    inGraph ? null : Sampler.create(demur.model(), kernel, Sampling.GREEDY, demur.controlTokens()));
            prompts.add(random.ints(PROMPT, 300, 2000).toArray());
        }
        begin();
    }

    /** Has every sequence begin anew, and decides on each. */
    private void begin() {
        RefusalPolicy policy = demur.policy();
        context.prepare(Collections.nCopies(sequences, policy), 0, true);
        context.decode(prompts);
        tokens = new int[sequences];
        bytes = 0;
        for (int i = 0; i < sequences; i++) {
            bytes += context.bytes(i, policy.temperature());
            tokens[i] = context.decide(i, demur.controlTokens(), policy).token();
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        for (Sampler sampler : samplers) {
            if (sampler != null) {
                sampler.close();
            }
        }
        context.close();
        demur.close();
    }

    @Benchmark
    public int[] step(Traffic traffic) {
        if (context.position(0) == SIZE) {
            begin();
        }
        List<BatchContext.Step> steps = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            steps.add(new BatchContext.Step(i, tokens[i], samplers.get(i)));
        }
        tokens = context.step(steps);
        traffic.steps++;
        traffic.bytes += bytes; // those of a decision and of a step are the same
        return tokens;
    }
}
