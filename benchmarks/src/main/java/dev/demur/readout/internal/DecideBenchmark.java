package dev.demur.readout.internal;

import dev.demur.bindings.Bindings;
import dev.demur.bindings.Native;
import dev.demur.llama.Kernel;
import dev.demur.llama.internal.KernelChoice;
import dev.demur.llama.internal.LlamaRuntime;
import dev.demur.llama.internal.RowForBenchmark;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import dev.demur.readout.DecisionTokens;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

    private Bindings bindings;
    private RowForBenchmark answered;
    private RowForBenchmark refused;
    private TokenReader reader;
    private Rules rules;

    @Setup(Level.Trial)
    public void open() {
        LlamaRuntime runtime = LlamaRuntime.open((Path) null);
        bindings = Native.bindings();
        Labels labels = new Labels(IntStream.range(0, categories)
                .mapToObj(c -> new Category("c" + c, "c" + c))
                .toList());
        DecisionTokens tokens = new DecisionTokens(
                labels,
                Stream.concat(IntStream.range(0, categories).mapToObj(c -> "[c" + c + "]"), Stream.of("[respond]"))
                        .toList(),
                IntStream.concat(
                                IntStream.range(0, categories).map(c -> vocabulary - 6 + c),
                                IntStream.of(vocabulary - 1))
                        .boxed()
                        .toList());
        rules = RefusalPolicy.defaults(labels, tokens.identity(), Rule.THRESHOLD)
                .bind(labels);
        Random random = new Random(1);
        answered = row(runtime, random, 22, 26);
        refused = row(runtime, random, 26, 22);
        TokenReader.Rows rows =
                (row, by, ids, temperature) -> (row == 0 ? answered : refused).read(by, ids, temperature);
        reader =
                new TokenReader(tokens, KernelChoice.choose(kernel.equals("best") ? null : Kernel.of(kernel)), rows, 2);
        if (!(exact() instanceof Decision.Respond)
                || !(rules.decide(reader.read(1, rules)) instanceof Decision.Refuse refuse)
                || labels.indexOf(refuse.category().id()) != 0) {
            throw new IllegalStateException("the rows are not decided as meant");
        }
    }

    /** With the logits of the first category's token and the respond token. */
    private RowForBenchmark row(LlamaRuntime runtime, Random random, float first, float respond) {
        float[] logits = new float[vocabulary];
        for (int i = 0; i < vocabulary; i++) {
            logits[i] = 2.5f * (float) random.nextGaussian();
        }
        logits[vocabulary - 6] = first;
        logits[vocabulary - 1] = respond;
        return new RowForBenchmark(runtime, logits);
    }

    @TearDown
    public void close() {
        answered.close();
        refused.close();
    }

    @Benchmark
    public Decision exact() {
        return rules.decide(reader.read(0, rules));
    }

    /** The emptiest call there is. */
    @Benchmark
    public int call() {
        return bindings.apiVersion();
    }
}
