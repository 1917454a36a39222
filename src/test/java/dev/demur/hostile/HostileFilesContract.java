package dev.demur.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.gguf.MicroLlama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that were made to do harm, each opened and asked in another process that must survive it; one subclass per
 * llama.cpp. A file that does harm is kept under {@code target/hostile}, and its number makes it again.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.MethodName.class)
abstract class HostileFilesContract {

    private static final boolean LONG = Boolean.getBoolean("demur.test.long");
    private static final int FILES = Integer.getInteger("demur.test.hostile", LONG ? 10_000 : 300);
    private static final long SEED = Long.getLong("demur.test.seed", 20_261_124L);
    private static final Path KEPT = Path.of("target", "hostile");
    /** Of one process, its Java heap of 64 MiB included. The files have less than 17 MiB. */
    private static final long MOST_KIB = 1 << 20;

    private static final int MOST_STEPS = 400;
    private static final int FEWER_STEPS = 40;

    private Path folder;
    private ProbeProcess probe;
    private final List<String> harm = new ArrayList<>();
    private final List<ModelSketch> models = new ArrayList<>();
    private final Map<Answer.Kind, Integer> kinds = new EnumMap<>(Answer.Kind.class);

    /** The library of llama.cpp, null for the default one. */
    abstract @Nullable Path llama();

    /** {@code old} or {@code new}. */
    abstract String generation();

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        Files.createDirectories(KEPT);
        probe = new ProbeProcess(llama(), folder.resolve("probe.log"), KEPT.toAbsolutePath());
        models.add(ModelSketch.of(MicroLlama.bytePair(1).build()));
        models.add(ModelSketch.of(MicroLlama.sentencePiece(1).build()));
        models.add(bundled());
    }

    @AfterAll
    void stop() {
        probe.close();
    }

    /** The bundled model with the first of its layers only, and weights of noise. */
    private static ModelSketch bundled() throws IOException {
        ModelSketch sketch = ModelSketch.of(Files.readAllBytes(Path.of("models", "demur-tiny.gguf")));
        sketch.tensors.removeIf(
                tensor -> tensor.name().startsWith("blk.") && !tensor.name().startsWith("blk.0."));
        sketch.values.put(sketch.architecture() + ".block_count", ModelSketch.Value.u32(1));
        return sketch;
    }

    @Test
    void no_file_ends_the_process_hangs_it_or_takes_much_memory() throws Exception {
        growModels();
        for (int i = 0; i < FILES; i++) {
            file(SEED + i);
        }
        System.out.println(generation() + " llama.cpp, seed " + SEED + ": " + FILES + " files of " + models.size()
                + " models in " + probe.starts() + " processes: " + kinds);
        Files.write(KEPT.resolve(generation() + "-harm.txt"), harm);
        assertEquals(List.of(), harm, harm.size() + " files did harm");
        assertTrue(kinds.getOrDefault(Answer.Kind.REFUSED, 0) > FILES / 4, kinds.toString());
        assertTrue(kinds.getOrDefault(Answer.Kind.LOADED, 0) > FILES / 20, kinds.toString());
    }

    @Test
    void an_assertion_that_fails_in_llama_cpp_is_an_exception_and_the_process_lives() throws Exception {
        // Of two sets of tensors it has one, and asserts that without naming what is missing.
        ModelSketch sketch = Architectures.seed("rwkv6", 0);
        Answer answer = grown(sketch, 0, MOST_STEPS);
        assertEquals(Answer.Kind.REFUSED, answer.kind(), answer.text());
        assertTrue(answer.text().contains("LlamaException") && answer.text().contains("GGML_ASSERT("), answer.text());
        assertEquals(1, probe.starts());
        assertEquals(List.of(), harm);
    }

    /** Models of all architectures that llama.cpp can be brought to load. */
    private void growModels() throws Exception {
        List<String> names = LONG ? Architectures.NAMES : Architectures.NAMES.subList(0, Architectures.FEW);
        List<String> left = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            ModelSketch sketch = Architectures.seed(names.get(i), i);
            Answer answer = grown(sketch, -1 - i, MOST_STEPS);
            if (answer.kind() == Answer.Kind.LOADED) {
                models.add(sketch);
            } else {
                left.add(names.get(i) + " " + answer.text());
            }
        }
        Files.write(KEPT.resolve(generation() + "-not-grown.txt"), left);
        assertTrue(models.size() > 10, () -> "only " + models.size() + " models: " + String.join("\n", left));
    }

    private void file(long seed) throws Exception {
        Random random = new Random(seed);
        ModelSketch sketch = models.get(random.nextInt(models.size())).copy();
        ModelMutator mutator = new ModelMutator(random);
        if (random.nextInt(8) > 0) {
            mutator.mutate(sketch);
        }
        Answer answer;
        if (!sketch.isSmall()) {
            return;
        }
        if (random.nextInt(5) == 0) {
            answer = ask(mutator.blind(sketch.build(seed)), seed);
        } else if (random.nextBoolean()) {
            answer = grown(sketch, seed, FEWER_STEPS);
        } else {
            answer = ask(sketch.build(seed), seed);
        }
        kinds.merge(answer.kind(), 1, Integer::sum);
    }

    /** Opens the file, and changes it by what is said about it until that no longer helps. */
    private Answer grown(ModelSketch sketch, long seed, int steps) throws Exception {
        Answer answer = ask(sketch.build(seed), seed);
        for (int step = 0; step < steps && answer.kind() == Answer.Kind.REFUSED; step++) {
            if (!ModelGrower.grow(sketch, answer.text()) || !sketch.isSmall()) {
                return answer;
            }
            answer = ask(sketch.build(seed), seed);
        }
        return answer;
    }

    private Answer ask(byte[] bytes, long seed) throws Exception {
        Path file = Files.write(folder.resolve("hostile.gguf"), bytes);
        Answer answer = probe.ask(file, seed % 2 == 0 ? 1 : 2);
        if (!answer.isHarmless() || answer.peakKib() > MOST_KIB) {
            Path kept = KEPT.resolve(generation() + seed + ".gguf");
            Files.write(kept, bytes);
            harm.add(kept + ": " + answer);
        }
        return answer;
    }
}
