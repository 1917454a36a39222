package dev.demur.llama;

import dev.demur.policy.BoundPolicy;
import dev.demur.policy.Category;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * A decision on a row as Java asks for it, and what calling C costs by itself. The binding is that of {@code -jvmArgsAppend -Ddemur.binding=jni} or {@code ffm}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecideBenchmark {

    @Param({"1024", "32000", "128256", "262144"})
    public int vocabulary;

    @Param({"1", "5"})
    public int categories;

    /** {@code best}: the one that is chosen where none is named. */
    @Param("best")
    public String kernel;

    private LlamaRuntime runtime;
    private CallFrame memory;
    private CallFrame calls;
    private LogitsProcessor processor;
    private BoundPolicy policy;
    private long answered;
    private long refused;

    @Setup(Level.Trial)
    public void open() {
        runtime = LlamaRuntime.open((Path) null);
        memory = CallFrame.open(runtime.bindings(), 8L * vocabulary);
        calls = CallFrame.open(runtime.bindings(), 0);
        processor = new LogitsProcessor(runtime, kernel.equals("best") ? null : kernel);
        ControlTokens tokens = new ControlTokens(
                IntStream.range(0, categories)
                        .mapToObj(c -> new Category("c" + c, "[c" + c + "]", "c" + c))
                        .toList(),
                IntStream.range(0, categories).map(c -> vocabulary - 6 + c).boxed().toList(),
                "[respond]",
                vocabulary - 1);
        policy = RefusalPolicy.defaults(tokens, Rule.THRESHOLD).bind(tokens);
        FloatBuffer rows = memory.data().asFloatBuffer();
        Random random = new Random(1);
        for (int row = 0; row < 2; row++) {
            for (int i = 0; i < vocabulary; i++) {
                rows.put(row * vocabulary + i, 2.5f * (float) random.nextGaussian());
            }
            for (int i : List.of(vocabulary - 6, vocabulary - 1)) {
                rows.put(row * vocabulary + i, (i == vocabulary - 1) == (row == 0) ? 26 : 22);
            }
        }
        answered = memory.dataAddress();
        refused = answered + 4L * vocabulary;
        if (!(exact() instanceof Decision.Respond)
                || policy.choose(processor.certain(refused, vocabulary, policy, calls)) != 0) {
            throw new IllegalStateException("the rows are not decided as meant");
        }
    }

    @TearDown
    public void close() {
        memory.close();
        calls.close();
    }

    @Benchmark
    public Decision exact() {
        return processor.decide(answered, vocabulary, policy, calls);
    }

    /** The emptiest call there is. */
    @Benchmark
    public int call() {
        return runtime.bindings().apiVersion();
    }
}
