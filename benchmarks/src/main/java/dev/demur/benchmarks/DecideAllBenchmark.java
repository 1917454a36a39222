package dev.demur.benchmarks;

import com.google.gson.JsonParser;
import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
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
 * {@link Demur#decideAll} on the first 64 prompts of a file, by the model's own policy. Run it in the repository's folder;
 * two builds are compared by turns of both.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 10)
@Fork(
        value = 2,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED"})
public class DecideAllBenchmark {

    private static final int PROMPTS = 64;

    /** The model, of those in {@code models/}. */
    @Param({"tiny", "small"})
    public String model = "";

    /** How many threads compute. */
    @Param("1")
    public int threads;

    /** The prompts, as JSONL. */
    @Param("examples/prompts.jsonl")
    public String prompts = "";

    /** A llama.cpp library; empty for java-llama.cpp's. */
    @Param("")
    public String llama = "";

    private Demur demur;
    private List<List<Message>> conversations;
    private List<RefusalPolicy> policies;

    @Setup(Level.Trial)
    public void load() throws IOException {
        LoadOptions options = llama.isEmpty() ? LoadOptions.DEFAULTS : LoadOptions.DEFAULTS.withLlama(Path.of(llama));
        demur = Demur.load(Path.of("models", "demur-" + model + ".gguf"), options.withThreads(threads));
        conversations = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(prompts)).subList(0, PROMPTS)) {
            String prompt =
                    JsonParser.parseString(line).getAsJsonObject().get("prompt").getAsString();
            conversations.add(List.of(Message.user(prompt)));
        }
        policies = Collections.nCopies(PROMPTS, demur.policy());
    }

    @TearDown(Level.Trial)
    public void close() {
        demur.close();
    }

    @Benchmark
    public List<Decision> decideAll() {
        return demur.decideAll(conversations, policies, null);
    }
}
