package dev.demur.readout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.GgufWriter;
import dev.demur.gguf.Metadata;
import dev.demur.llama.HiddenState;
import dev.demur.llama.HiddenState.Pooling;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HeadFileTest {

    private static final Path MODEL = Path.of("models", "demur-tiny.gguf");
    private static final Labels LABELS =
            new Labels(List.of(new Category("safety", "Safety"), new Category("care", "Care")));

    @TempDir
    private Path folder;

    private static Head head(float... weight) {
        return new Head(
                LABELS,
                List.of("No.", ""),
                Head.Sees.MESSAGE,
                Wording.AS_WRITTEN,
                List.of(new HiddenState(1, Pooling.LAST), new HiddenState(2, Pooling.MEAN)),
                1,
                weight,
                new float[] {0, 0.5f, 1});
    }

    private static HeadFile file(GgufFile model) {
        HeadFacts facts = new HeadFacts(
                "Tiny",
                model.fingerprint(),
                model.baseFingerprint(),
                "chatml",
                "{}",
                "{\"auc\":0.9}",
                new long[] {1, -2},
                Map.of("demur.policy", "{}", "demur.policy.strict", "{ }"));
        return new HeadFile(head(1, 2, 3, 4, 5, 6), facts);
    }

    private static void assertSame(HeadFile expected, HeadFile read) {
        assertEquals(expected.head().labels(), read.head().labels());
        assertEquals(expected.head().replies(), read.head().replies());
        assertEquals(expected.head().sees(), read.head().sees());
        assertEquals(expected.head().wording(), read.head().wording());
        assertEquals(expected.head().values(), read.head().values());
        assertEquals(expected.head().checksum(), read.head().checksum());
        assertArrayEquals(expected.head().weight(), read.head().weight());
        assertArrayEquals(expected.head().bias(), read.head().bias());
        assertEquals(expected.facts().model(), read.facts().model());
        assertEquals(expected.facts().policies(), read.facts().policies());
        assertEquals(expected.facts().validation(), read.facts().validation());
        assertArrayEquals(expected.facts().trainedOn(), read.facts().trainedOn());
    }

    @Test
    void a_file_of_its_own_comes_back_as_it_was() throws IOException {
        HeadFile written = file(GgufFile.read(MODEL));
        Path path = folder.resolve("tiny.head.gguf");
        written.write(path);
        assertSame(written, HeadFile.read(path));
        assertEquals(HeadFile.ARCHITECTURE, Metadata.read(path).string("general.architecture"));
    }

    @Test
    void a_head_inside_a_model_comes_back_and_gives_way_to_the_next() throws IOException {
        GgufFile model = GgufFile.read(MODEL);
        Path path = folder.resolve("with.gguf");
        file(model).embed(model, path);
        GgufFile with = GgufFile.read(path);
        assertTrue(HeadFile.isIn(with.metadata()));
        assertSame(file(model), HeadFile.read(with.metadata()));
        HeadFacts facts = file(with).facts();
        HeadFacts less =
                new HeadFacts(null, facts.model(), facts.base(), facts.template(), "{}", "{}", new long[0], Map.of());
        HeadFile next = new HeadFile(head(6, 5, 4, 3, 2, 1), less);
        Path again = folder.resolve("again.gguf");
        next.embed(with, again);
        assertSame(next, HeadFile.read(GgufFile.read(again).metadata()));
    }

    @Test
    void a_head_is_not_put_into_another_model() {
        GgufFile model = GgufFile.read(MODEL);
        HeadFacts facts = new HeadFacts(null, "sha256:other", "sha256:o", "chatml", "{}", "{}", new long[0], Map.of());
        HeadFile other = new HeadFile(head(1, 2, 3, 4, 5, 6), facts);
        Path out = folder.resolve("out.gguf");
        assertThrows(DemurException.class, () -> other.embed(model, out));
        assertTrue(Files.notExists(out));
    }

    @Test
    void logits_are_the_rows_times_the_numbers_and_the_bias() {
        assertArrayEquals(new double[] {-1, -0.5, 0}, head(1, 2, 3, 4, 5, 6).logits(new float[] {1, -1}));
    }

    static Stream<Arguments> broken() {
        return Stream.of(
                Arguments.of("version 2", (Consumer<GgufWriter>) keys -> keys.integer("demur.head.version", 2)),
                Arguments.of("0 replies", (Consumer<GgufWriter>) keys -> keys.strings("demur.head.replies", List.of())),
                Arguments.of("reserved", (Consumer<GgufWriter>)
                        keys -> keys.strings("demur.head.categories", List.of("respond", "care"))),
                Arguments.of("Two categories", (Consumer<GgufWriter>)
                        keys -> keys.strings("demur.head.categories", List.of("care", "care"))),
                Arguments.of("category_names", (Consumer<GgufWriter>)
                        keys -> keys.strings("demur.head.categories", List.of("care"))),
                Arguments.of("everything", (Consumer<GgufWriter>) keys -> keys.string("demur.head.sees", "everything")),
                Arguments.of("max", (Consumer<GgufWriter>)
                        keys -> keys.strings("demur.head.poolings", List.of("max", "mean"))),
                Arguments.of("layer -1", (Consumer<GgufWriter>) keys -> keys.integers("demur.head.layers", -1, 2)),
                Arguments.of("poolings", (Consumer<GgufWriter>) keys -> keys.integers("demur.head.layers", 1)),
                Arguments.of("6 weights", (Consumer<GgufWriter>) keys -> keys.floats("demur.head.weight", 1)),
                Arguments.of("NaN", (Consumer<GgufWriter>)
                        keys -> keys.floats("demur.head.weight", 1, 2, 3, Float.NaN, 5, 6)),
                Arguments.of(
                        "checksum", (Consumer<GgufWriter>) keys -> keys.floats("demur.head.weight", 1, 2, 3, 4, 5, 7)),
                Arguments.of("numbers", (Consumer<GgufWriter>) keys -> keys.integer("demur.head.width", 0)),
                Arguments.of("width", (Consumer<GgufWriter>) keys -> keys.string("demur.head.width", "1")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void a_broken_head_is_refused_in_a_sentence_that_names_the_file(String said, Consumer<GgufWriter> change)
            throws IOException {
        GgufFile model = GgufFile.read(MODEL);
        Path path = folder.resolve("tiny.head.gguf");
        Path broken = folder.resolve("broken.gguf");
        file(model).embed(model, path);
        GgufWriter keys = new GgufWriter();
        change.accept(keys);
        keys.copy(GgufFile.read(path), key -> false, broken);
        GgufFile file = GgufFile.read(broken);
        String message = String.valueOf(assertThrows(RuntimeException.class, () -> HeadFile.read(file.metadata()))
                .getMessage());
        assertTrue(message.contains("broken.gguf") && message.contains(said), message);
    }

    @Test
    void a_file_without_a_head_says_so() {
        String message = String.valueOf(
                assertThrows(DemurException.class, () -> HeadFile.read(MODEL)).getMessage());
        assertTrue(message.contains("demur-tiny.gguf: holds no head"), message);
    }
}
