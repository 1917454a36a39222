package dev.demur.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.bindings.Bindings;
import dev.demur.policy.BoundPolicy;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Float64Oracle;
import dev.demur.policy.RandomCase;
import dev.demur.policy.Readout;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Readouts and decisions of each kernel that this processor has, against the float64 oracle. {@code demur.test.rows} sets
 * the number of small rows, of each larger size a thousandth; {@code demur.test.seed} repeats a run.
 */
class LogitsProcessorIT {

    private static final int ROWS = Integer.getInteger("demur.test.rows", 100_000);
    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());
    private static final int LARGEST = 262_144;

    /** Scores that differ by less than this from a threshold may round to either side of it in the oracle. */
    private static final double ROUNDING = 1e-11;

    private static final LlamaRuntime RUNTIME = LlamaRuntime.open((java.nio.file.Path) null);

    private final Bindings bindings = RUNTIME.bindings();
    private final CallFrame memory = CallFrame.open(bindings, 4L * LARGEST);
    private final CallFrame calls = CallFrame.open(bindings, 0);

    @AfterEach
    void free() {
        memory.close();
        calls.close();
    }

    static Stream<Kernel> kernels() {
        return Arrays.stream(Kernel.values()).filter(kernel -> kernel.isSupported(RUNTIME));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void small_rows_are_decided_as_the_oracle_decides(Kernel kernel) {
        Random random = new Random(SEED);
        LogitsProcessor processor = new LogitsProcessor(RUNTIME, kernel.id());
        for (int i = 0; i < ROWS; i++) {
            assertAsTheOracle(processor, RandomCase.of(random, 8 + random.nextInt(57), rule(i)));
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void large_rows_are_decided_as_the_oracle_decides(Kernel kernel) {
        Random random = new Random(SEED);
        LogitsProcessor processor = new LogitsProcessor(RUNTIME, kernel.id());
        for (int vocabulary : new int[] {1_024, 32_000, 128_256, LARGEST}) {
            for (int i = 0; i < Math.max(5, ROWS / 1000); i++) {
                assertAsTheOracle(processor, RandomCase.of(random, vocabulary, rule(i)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void rows_with_nan_or_infinity_and_rows_of_nothing_are_refused_by_name(Kernel kernel) {
        Random random = new Random(SEED);
        LogitsProcessor processor = new LogitsProcessor(RUNTIME, kernel.id());
        for (int i = 0; i < 2_000; i++) {
            RandomCase given = RandomCase.of(random, 8 + random.nextInt(300), rule(i));
            float[] row = given.row();
            int at = random.nextInt(row.length);
            row[at] = i % 2 == 0 ? Float.NaN : Float.POSITIVE_INFINITY;
            LlamaException e = assertThrows(LlamaException.class, () -> decide(processor, given));
            assertEquals(LlamaException.Reason.LOGITS, e.reason());
            assertTrue(String.valueOf(e.getMessage()).contains(" " + at + " "), e.getMessage() + ", seed " + SEED);
            Arrays.fill(row, Float.NEGATIVE_INFINITY);
            assertEquals(
                    LlamaException.Reason.LOGITS,
                    assertThrows(LlamaException.class, () -> decide(processor, given))
                            .reason());
        }
    }

    /** Two objects, one array of 2 (K + 1) doubles, and what a JVM adds to each. */
    @Test
    void a_decision_allocates_what_it_consists_of() {
        ControlTokens tokens =
                RandomCase.of(new Random(SEED), 1_000, Rule.THRESHOLD).tokens();
        BoundPolicy policy = RefusalPolicy.defaults(tokens, Rule.THRESHOLD).bind(tokens);
        LogitsProcessor processor = new LogitsProcessor(RUNTIME, null);
        long row = put(new float[1_000]);
        int numbers = 2 * (tokens.respondIndex() + 1);
        double bytes = Allocation.perCall(() -> processor.decide(row, 1_000, policy, calls));
        assertTrue(bytes <= 8 * numbers + 3 * 48, bytes + " bytes for " + numbers + " numbers");
    }

    private void assertAsTheOracle(LogitsProcessor processor, RandomCase given) {
        Readout readout = processor.read(
                processor.kernel(),
                put(given.row()),
                given.row().length,
                given.tokens(),
                given.policy().temperature(),
                calls);
        double[] expected =
                Float64Oracle.probabilities(given.row(), given.tokens().ids(), readout.temperature());
        double tolerance = Math.max(readout.relativeError(), ROUNDING);
        assertTrue(tolerance <= 1e-5, () -> "the bound is " + readout.relativeError());
        for (int i = 0; i < expected.length; i++) {
            double allowed = tolerance * Math.max(expected[i], Double.MIN_NORMAL);
            assertEquals(expected[i], readout.probability(i), allowed, () -> "seed " + SEED + ", " + given);
            assertEquals(given.row()[given.tokens().token(i)], readout.logit(i));
        }
        assertEquals(Float64Oracle.requireArgmax(given.row()), readout.argmax());
        if (Float64Oracle.margin(given.row(), given.tokens(), given.policy()) > ROUNDING) {
            assertEquals(
                    Float64Oracle.decide(given.row(), given.tokens(), given.policy()),
                    decide(processor, given),
                    () -> "seed " + SEED + ", " + given);
        }
    }

    private Float64Oracle.Outcome decide(LogitsProcessor processor, RandomCase given) {
        return Float64Oracle.Outcome.of(processor.decide(
                put(given.row()), given.row().length, given.policy().bind(given.tokens()), calls));
    }

    private long put(float[] row) {
        memory.data().asFloatBuffer().put(row);
        return memory.dataAddress();
    }

    private static Rule rule(int i) {
        return Rule.values()[i % Rule.values().length];
    }
}
