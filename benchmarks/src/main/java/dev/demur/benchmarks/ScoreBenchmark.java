package dev.demur.benchmarks;

import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.demur.dataset.JsonlPrompts;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import dev.demur.policy.Reading;
import dev.demur.scoring.PromptScorer;
import dev.demur.scoring.ScoreSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
 * All prompts of a file by {@code score}'s code, and by one decision after another. Run it in the repository's folder; the
 * quotient of the two is what scoring in groups and on all processors gains.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(
        value = 2,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED"})
public class ScoreBenchmark {

    /** The model. */
    @Param("models/demur-tiny.gguf")
    public String model = "";

    /** The prompts, as JSONL. */
    @Param("examples/prompts.jsonl")
    public String prompts = "";

    /** A llama.cpp library; empty for java-llama.cpp's. */
    @Param("")
    public String llama = "";

    private Demur scoring;
    private PromptScorer scorer;
    private Demur demur;
    private List<LabelledPrompt> rows;

    @Setup(Level.Trial)
    public void load() throws IOException {
        LoadOptions options = llama.isEmpty() ? LoadOptions.DEFAULTS : LoadOptions.DEFAULTS.withLlama(Path.of(llama));
        scoring = Demur.load(Path.of(model), options.withParallel(PromptScorer.PARALLEL));
        scorer = new PromptScorer(scoring);
        demur = Demur.load(Path.of(model), options);
        rows = new ArrayList<>();
        RowLabels labels = new RowLabels(demur.readout());
        try (PromptSource source = new JsonlPrompts(Files.newInputStream(Path.of(prompts)), labels)) {
            for (LabelledPrompt next = source.next(); next != null; next = source.next()) {
                rows.add(next);
            }
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        demur.close();
        scoring.close();
    }

    @Benchmark
    public double score() throws IOException, InterruptedException {
        Sum sum = new Sum();
        scorer.score(new Rows(rows), null, 1, sum);
        return sum.coverage;
    }

    @Benchmark
    public double oneAtATime() {
        double coverage = 0;
        for (LabelledPrompt row : rows) {
            coverage += demur.decide(row.text()).reading().coverage();
        }
        return coverage;
    }

    private static final class Rows implements PromptSource {

        private final List<LabelledPrompt> rows;
        private int next;

        Rows(List<LabelledPrompt> rows) {
            this.rows = rows;
        }

        @Override
        public LabelledPrompt next() {
            return next < rows.size() ? rows.get(next++) : null;
        }

        @Override
        public void close() {}
    }

    private static final class Sum implements ScoreSink {

        private double coverage;

        @Override
        public boolean wants(LabelledPrompt prompt) {
            return true;
        }

        @Override
        public void scored(LabelledPrompt prompt, Reading reading) {
            coverage += reading.coverage();
        }

        @Override
        public void skipped(LabelledPrompt prompt) {
            throw new IllegalStateException("all rows are wanted");
        }

        @Override
        public void failed(long line, String problem) {
            throw new IllegalStateException(line + ": " + problem);
        }
    }
}
