package dev.demur.benchmarks;

import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoredPrompts;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** How long it takes to decide 10,000 scored prompts of a model with five categories anew, as a moved threshold asks. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RedecideBenchmark {

    private static final int ROWS = 10_000;
    private static final List<String> IDS =
            List.of("humanizing", "incomplete", "indeterminate", "safety", "unsupported");
    private static final Labels LABELS =
            new Labels(IDS.stream().map(id -> new Category(id, id)).toList());

    @Param({"THRESHOLD", "TOP_CATEGORY", "RELATIVE", "SUM", "LOGIT_BIAS"})
    public Rule rule;

    private ScoredPrompts prompts;
    private RefusalPolicy policy;
    private int step;

    @Setup
    public void score() {
        Random random = new Random(1);
        ScoredPrompts.Builder builder = ScoredPrompts.builder(LABELS, 1);
        for (int i = 0; i < ROWS; i++) {
            double[] p = new double[LABELS.count()];
            double total = 0;
            for (int c = 0; c < p.length; c++) {
                p[c] = Math.exp(3 * random.nextGaussian());
                total += p[c];
            }
            for (int c = 0; c < p.length; c++) {
                p[c] /= total;
            }
            builder.add("r" + i, null, false, p, LABELS.respondIndex());
        }
        prompts = builder.build();
        policy = RefusalPolicy.defaults(LABELS, null, rule);
    }

    @Benchmark
    public Decisions redecide() {
        step = (step + 1) % 1_000;
        double moved = step / 1_000.0;
        return prompts.decide(
                policy.withThreshold("safety", moved).withSumThreshold(moved).withBias("safety", moved));
    }
}
