package dev.demur.benchmarks;

import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.demur.internal.Internals;
import dev.demur.llama.Kernel;
import dev.demur.llama.Processing;
import dev.demur.llama.Sampling;
import dev.demur.llama.internal.DecodeStep;
import dev.demur.llama.internal.KernelChoice;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.Sampler;
import dev.demur.llama.internal.TokenPieces;
import dev.demur.policy.Rules;
import dev.demur.readout.Opening;
import dev.demur.readout.internal.Readout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
    private LlamaContext context;
    private Readout.Reader reader;
    private Rules rules;
    private List<Reply> replies;
    private List<int[]> prompts;
    private long bytes;

    /** What a sequence goes on with. */
    private static final class Reply implements DecodeStep {

        private final int sequence;
        private final Sampler sampler;
        private int token;

        Reply(int sequence, Sampler sampler) {
            this.sequence = sequence;
            this.sampler = sampler;
        }

        @Override
        public int sequence() {
            return sequence;
        }

        @Override
        public int token() {
            return token;
        }

        @Override
        public Sampler sampler() {
            return sampler;
        }
    }

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
        demur = Demur.load(
                Path.of(model), options.withThreads(1).withProcessing(inGraph ? Processing.IN_GRAPH : Processing.HOST));
        context = LlamaContext.create(Internals.of(demur).model(), SIZE, BATCH, sequences, 1);
        reader = Internals.of(demur).readout().reader(context);
        rules = demur.policy().bind(demur.labels());
        if (!context.processing().id().equals(processing)) {
            throw new IllegalStateException(
                    "this llama.cpp cannot read logits in its graph: name another, -p llama=FILE");
        }
        replies = new ArrayList<>();
        prompts = new ArrayList<>();
        Random random = new Random(1);
        Kernel kernel = KernelChoice.choose(null);
        TokenPieces pieces = new TokenPieces(Internals.of(demur).model());
        int[] reserved = demur.readout().reserved().values().stream()
                .mapToInt(Integer::intValue)
                .toArray();
        for (int i = 0; i < sequences; i++) {
            replies.add(new Reply(i, inGraph ? null : Sampler.create(pieces, kernel, Sampling.GREEDY, reserved, null)));
            prompts.add(random.ints(PROMPT, 300, 2000).toArray());
        }
        begin();
    }

    /** Has every sequence begin anew, and decides on each. */
    private void begin() {
        for (int i = 0; i < sequences; i++) {
            context.clear(i);
        }
        reader.prepare(IntStream.range(0, sequences).toArray(), Collections.nCopies(sequences, rules), true);
        context.decode(prompts, 0);
        bytes = 0;
        for (int i = 0; i < sequences; i++) {
            bytes += context.outputBytes(i);
            Opening opening = reader.opening(i, rules.decide(reader.read(i, rules)));
            replies.get(i).token = token(opening);
        }
    }

    private static int token(Opening opening) {
        if (opening instanceof Opening.Hidden hidden) {
            return hidden.token();
        }
        throw new IllegalStateException("the reply begins with no control token: " + opening);
    }

    @TearDown(Level.Trial)
    public void close() {
        for (Reply reply : replies) {
            if (reply.sampler != null) {
                reply.sampler.close();
            }
        }
        context.close();
        demur.close();
    }

    @Benchmark
    public int step(Traffic traffic) {
        if (context.position(0) == SIZE) {
            begin();
        }
        context.step(replies);
        for (int i = 0; i < sequences; i++) {
            replies.get(i).token = context.drawn(i);
        }
        traffic.steps++;
        traffic.bytes += bytes; // those of a decision and of a step are the same
        return replies.get(0).token;
    }
}
