package dev.demur.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import dev.demur.policy.BoundPolicy;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Decision;
import dev.demur.policy.RandomCase;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Lazy decisions against the logits processor's, on each kernel. {@code demur.test.lazyRows} sets the number of rows for
 * each of them; {@code demur.test.seed} repeats a run.
 */
class LazyDeciderIT {

    private static final int ROWS =
            Integer.getInteger("demur.test.lazyRows", Boolean.getBoolean("demur.test.long") ? 3_400_000 : 40_000);
    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());
    private static final int LARGEST = 128_256;

    /** By how much thresholds are moved off a category's exact score. */
    private static final double[] NUDGES = {0, 0, 1e-16, -1e-16, 1e-12, -1e-9, 1e-7, -1e-5, 3e-5, -1e-3, 0.07, -0.2};

    private static final LlamaRuntime RUNTIME = LlamaRuntime.open((Path) null);

    private final CallFrame memory = CallFrame.open(RUNTIME.bindings(), 4L * LARGEST);
    private final CallFrame calls = CallFrame.open(RUNTIME.bindings(), 0);

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
    void a_lazy_decision_is_the_decision(Kernel kernel) {
        Random random = new Random(SEED);
        LogitsProcessor processor = new LogitsProcessor(RUNTIME, kernel.id());
        int refusals = 0;
        for (int i = 0; i < ROWS; i++) {
            int vocabulary = 8 + (i % 8 == 0 ? random.nextInt(1_017) : random.nextInt(120));
            refusals += assertSame(processor, adversarial(random, vocabulary, rule(i)));
        }
        assertTrue(refusals > ROWS / 10 && refusals < ROWS - ROWS / 10, refusals + " refusals, seed " + SEED);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void so_it_is_on_large_rows(Kernel kernel) {
        Random random = new Random(SEED);
        LogitsProcessor processor = new LogitsProcessor(RUNTIME, kernel.id());
        for (int i = 0; i < Math.max(10, ROWS / 2_000); i++) {
            assertSame(processor, adversarial(random, i % 2 == 0 ? 32_000 : LARGEST, rule(i)));
        }
    }

    /** A random case, half of them with likely control tokens, their thresholds on or around the exact scores. */
    private RandomCase adversarial(Random random, int vocabulary, Rule rule) {
        RandomCase given = RandomCase.of(random, vocabulary, rule);
        ControlTokens tokens = given.tokens();
        if (random.nextBoolean()) {
            float lift = 4 + 10 * random.nextFloat();
            for (int i = 0; i <= tokens.respondIndex(); i++) {
                given.row()[tokens.token(i)] = lift + 3 * random.nextFloat();
            }
        }
        RefusalPolicy policy = given.policy();
        LogitsProcessor exact = new LogitsProcessor(RUNTIME, Kernel.SCALAR.id());
        var readout = exact.read(Kernel.SCALAR, put(given.row()), vocabulary, tokens, policy.temperature(), calls);
        double sum = 0;
        for (int c = 0; c < tokens.respondIndex(); c++) {
            sum += readout.probability(c);
        }
        if (random.nextInt(3) != 0) {
            for (CategoryPolicy category : policy.categories()) {
                double p = readout.probability(tokens.indexOf(category.id()));
                policy = policy.withThreshold(category.id(), nudged(p, random));
            }
            policy = policy.withSumThreshold(nudged(sum, random));
        }
        return new RandomCase(given.row(), tokens, policy);
    }

    private static double nudged(double score, Random random) {
        return Math.max(0, Math.min(1, score * (1 + NUDGES[random.nextInt(NUDGES.length)])));
    }

    /** Returns 1 for a refusal, 0 for anything else. */
    private int assertSame(LogitsProcessor processor, RandomCase given) {
        long row = put(given.row());
        int vocabulary = given.row().length;
        BoundPolicy bound = given.policy().bind(given.tokens());
        Decision decision = processor.decide(row, vocabulary, bound, calls);
        try (LazyDecider lazy = processor.lazy(given.tokens(), given.policy())) {
            assertEquals(
                    given.tokens().indexOfToken(decision.token()),
                    lazy.choose(row, vocabulary),
                    () -> "seed " + SEED + ", " + given);
        }
        return decision instanceof Decision.Refuse ? 1 : 0;
    }

    @Test
    void it_is_on_the_bundled_model() throws IOException {
        List<String> prompts = Files.readAllLines(Path.of("examples", "prompts.jsonl")).stream()
                .map(line -> JsonParser.parseString(line)
                        .getAsJsonObject()
                        .get("prompt")
                        .getAsString())
                .toList();
        LogitsProcessor processor = new LogitsProcessor(RUNTIME, null);
        int refusals = 0;
        int answers = 0;
        try (LlamaModel model = LlamaModel.load(RUNTIME, Path.of("models", "demur-tiny.gguf"), 0);
                LlamaContext context = LlamaContext.create(model, 512, 512, 1)) {
            ControlTokens tokens = ControlTokenFinder.find(model.file()).tokens();
            PromptEncoder encoder = new PromptEncoder(ChatTemplate.of(RUNTIME, model.file(), null), model, tokens);
            for (String prompt : prompts) {
                context.clear();
                context.decode(encoder.encode(List.of(Message.user(prompt))));
                for (Rule rule : Rule.values()) {
                    for (double threshold : new double[] {0, 0.02, 0.3, 0.5, 0.9, 1}) {
                        RefusalPolicy policy = RefusalPolicy.defaults(tokens, rule)
                                .withThreshold("safety", threshold)
                                .withSumThreshold(threshold)
                                .withoutThreshold("unsupported");
                        Decision decision = processor.decide(context, tokens, policy);
                        try (LazyDecider lazy = processor.lazy(tokens, policy)) {
                            assertEquals(tokens.indexOfToken(decision.token()), lazy.choose(context), prompt);
                        }
                        refusals += decision instanceof Decision.Refuse ? 1 : 0;
                        answers += decision instanceof Decision.Respond ? 1 : 0;
                    }
                }
            }
        }
        assertTrue(refusals > 500 && answers > 500, refusals + " refusals, " + answers + " answers");
    }

    @Test
    void what_is_read_must_be_a_logit() {
        Random random = new Random(SEED);
        LogitsProcessor processor = new LogitsProcessor(RUNTIME, null);
        for (int i = 0; i < 2_000; i++) {
            RandomCase given = RandomCase.of(random, 8 + random.nextInt(300), rule(i));
            int control = given.tokens().token(random.nextInt(given.tokens().respondIndex() + 1));
            given.row()[control] = i % 2 == 0 ? Float.NaN : Float.POSITIVE_INFINITY;
            assertRefused(processor, given, "token " + control + " ");
            Arrays.fill(given.row(), Float.NEGATIVE_INFINITY);
            if (rule(i) != Rule.RELATIVE && rule(i) != Rule.LOGIT_BIAS) {
                assertRefused(processor, given, "-inf");
            }
        }
    }

    private void assertRefused(LogitsProcessor processor, RandomCase given, String saying) {
        try (LazyDecider lazy = processor.lazy(given.tokens(), given.policy())) {
            LlamaException e =
                    assertThrows(LlamaException.class, () -> lazy.choose(put(given.row()), given.row().length));
            assertEquals(LlamaException.Reason.LOGITS, e.reason());
            assertTrue(String.valueOf(e.getMessage()).contains(saying), e.getMessage() + ", seed " + SEED);
        }
    }

    @Test
    void a_closed_decider_decides_nothing() {
        RandomCase given = RandomCase.of(new Random(SEED), 20, Rule.THRESHOLD);
        LazyDecider lazy = new LogitsProcessor(RUNTIME, null).lazy(given.tokens(), given.policy());
        lazy.close();
        lazy.close();
        assertThrows(IllegalStateException.class, () -> lazy.choose(put(given.row()), 20));
    }

    private long put(float[] row) {
        memory.data().asFloatBuffer().put(row);
        return memory.dataAddress();
    }

    private static Rule rule(int i) {
        return Rule.values()[i % Rule.values().length];
    }
}
