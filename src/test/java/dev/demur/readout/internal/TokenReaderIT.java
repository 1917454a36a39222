package dev.demur.readout.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.gguf.MicroLlama;
import dev.demur.llama.Kernel;
import dev.demur.llama.LlamaException;
import dev.demur.llama.internal.Allocation;
import dev.demur.llama.internal.KernelChoice;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.LlamaModel;
import dev.demur.llama.internal.LlamaRuntime;
import dev.demur.llama.internal.RowInMemory;
import dev.demur.policy.Decision;
import dev.demur.policy.Float64Oracle;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.RandomCase;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.Opening;
import dev.demur.suites.EveryBinding;
import dev.demur.suites.Repetitions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Readings and decisions of each kernel that this processor has, against the float64 oracle. {@code demur.test.rows} sets
 * the number of small rows, of each larger size a thousandth; {@code demur.test.seed} repeats a run.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenReaderIT {

    private static final int ROWS = Integer.getInteger("demur.test.rows", Repetitions.of(20_000, 100_000));
    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());
    private static final int LARGEST = 262_144;

    /** Scores that differ by less than this from a threshold may round to either side of it in the oracle. */
    private static final double ROUNDING = 1e-11;

    private static final LlamaRuntime RUNTIME = LlamaRuntime.open((Path) null);

    private final RowInMemory memory = new RowInMemory(RUNTIME, LARGEST);
    private LlamaModel model;
    private LlamaContext context;

    @BeforeAll
    void load(@TempDir Path folder) {
        model = LlamaModel.load(RUNTIME, MicroLlama.bytePair(3).write(folder.resolve("micro.gguf")), 0);
        context = LlamaContext.create(model, 64, 64, 1, 1);
    }

    @AfterAll
    void free() {
        memory.close();
        context.close();
        model.close();
    }

    static Stream<Kernel> kernels() {
        return Arrays.stream(Kernel.values()).filter(kernel -> KernelChoice.isSupported(kernel));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void small_rows_are_decided_as_the_oracle_decides(Kernel kernel) {
        Random random = new Random(SEED);
        for (int i = 0; i < ROWS; i++) {
            assertAsTheOracle(kernel, RandomCase.of(random, 8 + random.nextInt(57), rule(i)));
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void large_rows_are_decided_as_the_oracle_decides(Kernel kernel) {
        Random random = new Random(SEED);
        for (int vocabulary : new int[] {1_024, 32_000, 128_256, LARGEST}) {
            for (int i = 0; i < Math.max(5, ROWS / 1000); i++) {
                assertAsTheOracle(kernel, RandomCase.of(random, vocabulary, rule(i)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void rows_with_nan_or_infinity_and_rows_of_nothing_are_refused_by_name(Kernel kernel) {
        Random random = new Random(SEED);
        for (int i = 0; i < 2_000; i++) {
            RandomCase given = RandomCase.of(random, 8 + random.nextInt(300), rule(i));
            float[] row = given.row();
            int at = random.nextInt(row.length);
            row[at] = i % 2 == 0 ? Float.NaN : Float.POSITIVE_INFINITY;
            LlamaException e = assertThrows(LlamaException.class, () -> decide(kernel, given));
            assertEquals(LlamaException.Reason.LOGITS, e.reason());
            assertTrue(String.valueOf(e.getMessage()).contains(" " + at + " "), e.getMessage() + ", seed " + SEED);
            Arrays.fill(row, Float.NEGATIVE_INFINITY);
            assertEquals(
                    LlamaException.Reason.LOGITS,
                    assertThrows(LlamaException.class, () -> decide(kernel, given))
                            .reason());
        }
    }

    /** A decision, a reading, one array of 2 (K + 1) doubles, and what a JVM adds to each. */
    @EveryBinding
    @Test
    void a_decision_allocates_what_it_consists_of() {
        RandomCase given = RandomCase.of(new Random(SEED), 1_000, Rule.THRESHOLD);
        DecisionTokens tokens = given.tokens();
        Rules rules = RefusalPolicy.defaults(tokens.labels(), tokens.identity(), Rule.THRESHOLD)
                .bind(tokens.labels());
        double[] written = new double[2 * tokens.labels().count() + 2];
        TokenReader reader =
                new TokenReader(tokens, KernelChoice.choose(null), (row, kernel, ids, temperature) -> written, 1);
        int numbers = 2 * tokens.labels().count();
        double bytes = Allocation.perCall(() -> rules.decide(reader.read(0, rules)));
        assertTrue(bytes <= 8 * numbers + 3 * 48, bytes + " bytes for " + numbers + " numbers");
    }

    /** What a context reads is what the same reader reads of the row's copy, and how replies begin is told by label. */
    @EveryBinding
    @Test
    void a_reply_begins_with_the_token_of_its_decision() {
        DecisionTokens tokens = DecisionTokenFinder.find(model.file()).tokens();
        TokenReader reader = new TokenReader(tokens, Kernel.SCALAR, context::read, 1);
        context.clear(0);
        context.decode(0, new int[] {9, 10, 11, 12});
        Reading reading = reader.read(0, 1);
        for (int c = 0; c <= tokens.labels().respondIndex(); c++) {
            RefusalPolicy policy = RefusalPolicy.defaults(tokens.labels(), tokens.identity(), Rule.THRESHOLD);
            for (String id :
                    tokens.labels().categories().stream().map(a -> a.id()).toList()) {
                policy = id.equals(tokens.labels().id(c)) ? policy.withThreshold(id, 0) : policy.withoutThreshold(id);
            }
            Rules rules = policy.bind(tokens.labels());
            Decision decision = rules.decide(reader.read(0, rules));
            assertEquals(new Opening.Hidden(tokens.token(c)), reader.opening(0, decision));
            assertEquals(reading.probability(c), decision.reading().probability(c));
        }
    }

    @EveryBinding
    @Test
    void where_the_model_is_left_to_itself_its_likeliest_token_is_written() {
        RandomCase given = RandomCase.of(new Random(SEED), 300, Rule.TOP_CATEGORY);
        DecisionTokens tokens = given.tokens();
        int best = 0;
        while (tokens.indexOfToken(best) >= 0) {
            best++;
        }
        Arrays.fill(given.row(), 0); // a random row may hold more than anything that is put into it
        given.row()[best] = 1e6f;
        RefusalPolicy none = new RefusalPolicy(Rule.TOP_CATEGORY, 1, null, null, List.of(), null);
        memory.put(given.row());
        TokenReader reader = reader(tokens, Kernel.SCALAR);
        Rules rules = none.bind(tokens.labels());
        Decision decision = rules.decide(reader.read(0, rules));
        assertTrue(decision instanceof Decision.Model, decision.toString());
        assertEquals(LabelNumbers.NO_LABEL, decision.reading().choice());
        assertEquals(new Opening.Written(List.of(best)), reader.opening(0, decision));
    }

    private TokenReader reader(DecisionTokens tokens, Kernel kernel) {
        return new TokenReader(tokens, kernel, (row, by, ids, temperature) -> memory.read(by, ids, temperature), 1);
    }

    private void assertAsTheOracle(Kernel kernel, RandomCase given) {
        DecisionTokens tokens = given.tokens();
        double tau = given.policy().temperature();
        memory.put(given.row());
        Reading reading = reader(tokens, kernel).read(0, kernel, tau);
        double[] expected = Float64Oracle.probabilities(given.row(), tokens.ids(), tau);
        double tolerance = Math.max(reading.relativeError(), ROUNDING);
        assertTrue(tolerance <= 1e-5, () -> "the bound is " + reading.relativeError());
        for (int i = 0; i < expected.length; i++) {
            double allowed = tolerance * Math.max(expected[i], Double.MIN_NORMAL);
            assertEquals(expected[i], reading.probability(i), allowed, () -> "seed " + SEED + ", " + given);
            assertEquals(given.row()[tokens.token(i)], reading.logit(i));
        }
        assertEquals(tokens.indexOfToken(Float64Oracle.requireArgmax(given.row())), reading.choice());
        if (Float64Oracle.margin(given.row(), tokens, given.policy()) > ROUNDING) {
            assertEquals(
                    Float64Oracle.decide(given.row(), tokens, given.policy()),
                    decide(kernel, given),
                    () -> "seed " + SEED + ", " + given);
        }
    }

    private Float64Oracle.Outcome decide(Kernel kernel, RandomCase given) {
        memory.put(given.row());
        Rules rules = given.policy().bind(given.tokens().labels());
        return Float64Oracle.Outcome.of(
                rules.decide(reader(given.tokens(), kernel).read(0, rules)));
    }

    private static Rule rule(int i) {
        return Rule.values()[i % Rule.values().length];
    }
}
