package dev.demur.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.gguf.MicroLlama;
import dev.demur.suites.EveryBinding;
import dev.demur.suites.Repetitions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
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

    private static final int FILES = Integer.getInteger("demur.test.hostile", Repetitions.of(60, 10_000));
    private static final int LIES = Integer.getInteger("demur.test.lies", Repetitions.of(40, 10_000));
    private static final long SEED = Long.getLong("demur.test.seed", 20_261_124L);
    private static final Path KEPT = Path.of("target", "hostile");
    /** Of one process, its Java heap of 64 MiB included. The files have less than 17 MiB. */
    private static final long MOST_KIB = 1 << 20;

    private static final String UNKNOWN = "unknown model architecture";

    /** The ones that are not grown. */
    private static final int FEWEST_MODELS = 3;

    private static final int MOST_STEPS = 400;
    private static final int FEWER_STEPS = 40;
    private static final int FEWEST_STEPS = 8;

    /** Of a file with texts of megabytes. */
    private static final int MOST_BYTES = 8 << 20;

    /** Whose numbers are swept in the short run: each was found to be divided by one of them. */
    private static final Set<String> SWEPT = Set.of("qwen4exp", "olmo2", "rwkv6");

    private Path folder;
    private ProbeProcess probe;
    private final List<String> harm = new ArrayList<>();
    private final List<ModelSketch> models = new ArrayList<>();

    /** The library of llama.cpp, null for the default one. */
    abstract @Nullable Path llama();

    /** The bytes of that library. */
    abstract byte[] library() throws IOException;

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
        Map<Answer.Kind, Integer> kinds = new EnumMap<>(Answer.Kind.class);
        for (int i = 0; i < FILES; i++) {
            file(SEED + i, kinds);
        }
        report("seed " + SEED + ": " + FILES + " files of " + models.size() + " models", kinds);
        assertTrue(kinds.getOrDefault(Answer.Kind.REFUSED, 0) > FILES / 4, kinds.toString());
        assertTrue(kinds.getOrDefault(Answer.Kind.LOADED, 0) > FILES / 20, kinds.toString());
    }

    @Test
    void no_lie_of_a_well_formed_file_does_either() throws Exception {
        growModels();
        Map<Answer.Kind, Integer> kinds = new EnumMap<>(Answer.Kind.class);
        int told = 0;
        for (long seed = SEED; told < LIES; seed++) {
            told += lie(seed, kinds) ? 1 : 0;
        }
        report("seed " + SEED + ": " + LIES + " files that lie, of " + models.size() + " models", kinds);
        assertTrue(kinds.getOrDefault(Answer.Kind.REFUSED, 0) > LIES / 4, kinds.toString());
        assertTrue(kinds.getOrDefault(Answer.Kind.LOADED, 0) > LIES / 20, kinds.toString());
    }

    /** A number that is 0 where llama.cpp divides by it, and what else a number, a key or a tensor can be. */
    @Test
    void no_number_and_no_tensor_of_any_architecture_does_either() throws Exception {
        LibraryStrings library = new LibraryStrings(library());
        List<String> names =
                Repetitions.LONG ? library.architectures(this::isKnown) : List.copyOf(new TreeSet<>(SWEPT));
        Map<Answer.Kind, Integer> kinds = new EnumMap<>(Answer.Kind.class);
        int swept = 0;
        for (String name : names) {
            ModelSketch model = Architectures.seed(name, 0);
            Answer seed = grown(model, 0, MOST_STEPS);
            kinds.merge(seed.kind(), 1, Integer::sum);
            if (isUnknown(seed)) {
                continue;
            }
            swept++;
            List<String> read = HyperparameterSweep.read(model, library.keys(), this::complaint);
            List<HyperparameterSweep.Change> changes = new ArrayList<>(HyperparameterSweep.zeros(model, read));
            if (Repetitions.LONG) {
                changes.addAll(HyperparameterSweep.others(model, read));
                changes.addAll(HyperparameterSweep.withoutTensors(model));
            }
            for (HyperparameterSweep.Change change : changes) {
                ModelSketch changed = change.apply(model);
                Answer answer = grown(changed, 0, change.isTensor() ? 0 : FEWEST_STEPS);
                kinds.merge(answer.kind(), 1, Integer::sum);
                if (!answer.isHarmless()) {
                    harm.add(name + ": " + change.key() + " " + change.what());
                }
            }
        }
        report("the numbers and tensors of " + swept + " architectures", kinds);
        assertTrue(swept > 1, "only " + swept + " of " + names);
    }

    /** As long as a text may be, which every tokenizer must live through on the smallest stack; and longer. */
    @Test
    void no_text_of_a_token_is_too_long_for_a_tokenizer() throws Exception {
        for (String kind : Vocabularies.MODELS) {
            int most = List.of("t5", "rwkv", "plamo2").contains(kind) ? 512 : 4096;
            for (String piece : List.of("q", "\u4e00")) {
                for (int bytes : new int[] {most, most + 3, 300_000}) {
                    ModelSketch sketch = models.get(0).copy();
                    int size = piece.getBytes(StandardCharsets.UTF_8).length;
                    String text = piece.repeat(bytes / size);
                    Vocabularies.put(sketch, kind, List.of(text), Vocabularies.NORMAL);
                    Answer answer = ask(sketch.build(0), 0);
                    boolean mayLoad = bytes == most && !answer.text().contains("unknown tokenizer");
                    assertEquals(
                            mayLoad ? Answer.Kind.LOADED : Answer.Kind.REFUSED,
                            answer.kind(),
                            kind + ", " + bytes + " bytes of " + piece + ": " + answer.text());
                }
            }
        }
        assertEquals(List.of(), harm);
    }

    private void report(String what, Map<Answer.Kind, Integer> kinds) throws IOException {
        System.out.println(generation() + " llama.cpp, " + what + " in " + probe.starts() + " processes: " + kinds);
        Files.write(KEPT.resolve(generation() + "-harm.txt"), harm);
        assertEquals(List.of(), harm, harm.size() + " files did harm");
    }

    @EveryBinding
    @Test
    void an_assertion_that_fails_in_llama_cpp_is_an_exception_and_the_process_lives() throws Exception {
        // Of two sets of tensors it has one, and asserts that without naming what is missing.
        ModelSketch sketch = Architectures.seed("rwkv6", 0);
        sketch.tensors.clear();
        Answer answer = grown(sketch, 0, MOST_STEPS);
        assertEquals(Answer.Kind.REFUSED, answer.kind(), answer.text());
        assertTrue(answer.text().contains("LlamaException") && answer.text().contains("GGML_ASSERT("), answer.text());
        assertEquals(List.of(), harm);
    }

    /** Models of all architectures that llama.cpp can be brought to load. */
    private void growModels() throws Exception {
        if (models.size() > FEWEST_MODELS) {
            return;
        }
        List<String> names = Repetitions.LONG
                ? new LibraryStrings(library()).architectures(this::isKnown)
                : Architectures.NAMES.subList(0, Architectures.FEW);
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

    private boolean isKnown(String architecture) {
        return !complaint(Architectures.seed(architecture, 0)).contains(UNKNOWN);
    }

    private static boolean isUnknown(Answer answer) {
        return answer.text().contains(UNKNOWN);
    }

    /** What is said about a model. */
    private String complaint(ModelSketch sketch) {
        try {
            return ask(sketch.build(0), 0).text();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether the lie is small enough to be told. */
    private boolean lie(long seed, Map<Answer.Kind, Integer> kinds) throws Exception {
        Random random = new Random(seed);
        ModelSketch sketch = models.get(random.nextInt(models.size())).copy();
        new SemanticLies(random).tell(sketch);
        if (!sketch.isSmall()) {
            return false;
        }
        byte[] bytes = sketch.build(seed);
        if (bytes.length > MOST_BYTES) {
            return false;
        }
        Answer answer = random.nextInt(3) > 0 ? grown(sketch, seed, FEWER_STEPS) : ask(bytes, seed);
        kinds.merge(answer.kind(), 1, Integer::sum);
        return true;
    }

    private void file(long seed, Map<Answer.Kind, Integer> kinds) throws Exception {
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
        // Seldom two threads: they wait for each other at every step, long where others use the processors.
        int threads = Math.floorMod(seed, Repetitions.of(8, 2)) == 1 ? 2 : 1;
        Answer answer = probe.ask(file, threads);
        if (!answer.isHarmless() || answer.peakKib() > MOST_KIB) {
            Path kept = KEPT.resolve(generation() + seed + "-" + harm.size() + ".gguf");
            Files.write(kept, bytes);
            harm.add(kept + ": " + answer);
        }
        return answer;
    }
}
