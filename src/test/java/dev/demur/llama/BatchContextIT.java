package dev.demur.llama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.demur.gguf.MicroLlama;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Readout;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** Prompts that share some, all or nothing of a context's beginning; {@code demur.test.seed} repeats a run. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BatchContextIT {

    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());
    private static final int SIZE = 256;
    private static final int BATCH = 128;
    private static final int[] BEGINNING = {1, 40, 41, 42, 43};

    /** Weights of F32: what differs is the order of sums, and the memory's F16. */
    private static final double NOISE = 1e-3;

    private static final Random RANDOM = new Random(SEED);

    private LlamaModel model;
    private ControlTokens tokens;

    @BeforeAll
    void load(@TempDir Path folder) {
        model = LlamaModel.load(
                LlamaRuntime.open((Path) null), MicroLlama.bytePair(3).write(folder.resolve("micro.gguf")), 0);
        tokens = ControlTokenFinder.find(model.file()).tokens();
    }

    @AfterAll
    void close() {
        model.close();
    }

    private BatchContext context(int sequences, int... beginning) {
        return BatchContext.create(model, sequences, SIZE, BATCH, 1, beginning);
    }

    private static double[] numbers(Readout readout) {
        double[] numbers = new double[readout.tokens().respondIndex() + 1];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = readout.probability(i);
        }
        return numbers;
    }

    private double[] read(BatchContext context, int prompt) {
        return numbers(context.readout(prompt, tokens, 1));
    }

    /** A prompt that begins with so many tokens of the beginning, and has another one after them. */
    private static int[] prompt(int common, int length) {
        int[] prompt = RANDOM.ints(length, 9, 200).toArray();
        System.arraycopy(BEGINNING, 0, prompt, 0, Math.min(length, Math.min(common, BEGINNING.length)));
        if (common < Math.min(length, BEGINNING.length)) {
            prompt[common] = 201;
        }
        return prompt;
    }

    static Stream<Integer> sequences() {
        return Stream.of(1, 2, 7);
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void prompts_that_share_any_part_of_the_beginning_give_what_they_give_alone(int sequences) {
        try (BatchContext shared = context(sequences, BEGINNING);
                BatchContext alone = context(1)) {
            for (int round = 0; round < 60; round++) {
                List<int[]> prompts = new ArrayList<>();
                int count = 1 + RANDOM.nextInt(sequences);
                while (prompts.size() < count) {
                    int common = RANDOM.nextInt(2 * BEGINNING.length);
                    prompts.add(prompt(common, 1 + RANDOM.nextInt(round % 9 == 0 ? SIZE : 16)));
                }
                prompts = prompts.subList(0, shared.fitting(prompts, 0));
                shared.decode(prompts);
                for (int i = 0; i < prompts.size(); i++) {
                    alone.decode(List.of(prompts.get(i)));
                    assertArrayEquals(
                            read(alone, 0),
                            read(shared, i),
                            NOISE,
                            "seed " + SEED + ": " + Arrays.toString(prompts.get(i)));
                }
            }
        }
    }

    @Test
    void what_a_prompt_gives_does_not_depend_on_the_prompts_before_it() {
        int[] prompt = prompt(BEGINNING.length, 20);
        try (BatchContext context = context(1, BEGINNING)) {
            context.decode(List.of(prompt));
            double[] first = read(context, 0);
            for (int common = 0; common <= BEGINNING.length; common++) {
                for (int length : new int[] {1, common + 1, BEGINNING.length, 30, BATCH + 40, SIZE}) {
                    context.decode(List.of(prompt(common, length)));
                    context.decode(List.of(prompt));
                    assertArrayEquals(first, read(context, 0), "after " + common + " of " + length + ", seed " + SEED);
                }
            }
        }
    }

    @Test
    void a_decode_takes_as_many_prompts_as_there_are_sequences_and_tokens_in_a_batch() {
        try (BatchContext context = context(4, BEGINNING)) {
            assertEquals(4, context.sequences());
            assertEquals(SIZE, context.size());
            List<int[]> prompts = List.of(prompt(0, 60), prompt(0, 60), prompt(0, 9), prompt(0, 200), prompt(0, 1));
            assertEquals(2, context.fitting(prompts, 0));
            assertEquals(1, context.fitting(prompts, 2));
            assertEquals(1, context.fitting(prompts, 3), "a long one alone");
            assertEquals(1, context.fitting(prompts, 4));
            assertEquals(0, context.fitting(prompts, 5));
            List<int[]> five = List.of(prompt(0, 1), prompt(0, 1), prompt(0, 1), prompt(0, 1), prompt(0, 1));
            assertEquals(4, context.fitting(five, 0));
            assertThrows(IllegalArgumentException.class, () -> context.decode(five));
            assertThrows(IllegalArgumentException.class, () -> context.decode(prompts.subList(0, 3)));
            assertThrows(IllegalArgumentException.class, () -> context.decode(List.of()));
            assertThrows(IllegalArgumentException.class, () -> context.decode(List.of(new int[0])));
            assertThrows(IllegalArgumentException.class, () -> context.decode(List.of(prompt(0, SIZE + 1))));
            context.decode(prompts.subList(0, 2));
            assertEquals(2 * (tokens.respondIndex() + 1), read(context, 0).length + read(context, 1).length);
        }
    }

    @Test
    void sequences_that_grow_together_draw_what_each_draws_alone() {
        Random random = new Random(1); // always the same: in some texts two logits are as good as equal
        List<int[]> prompts = new ArrayList<>();
        for (int length : new int[] {20, 90, 40, 7}) {
            prompts.add(random.ints(length, 9, 200).toArray());
        }
        System.arraycopy(BEGINNING, 0, prompts.get(1), 0, BEGINNING.length);
        List<List<Integer>> together = new ArrayList<>();
        try (BatchContext context = context(4, BEGINNING)) {
            context.decode(prompts.subList(0, 2));
            context.decode(prompts.subList(2, 4), 2);
            List<BatchContext.Step> going = new ArrayList<>();
            for (int s = 0; s < 4; s++) {
                together.add(new ArrayList<>());
                going.add(new BatchContext.Step(s, 100 + s, sampler()));
            }
            // One after another leaves, as replies do that end.
            for (int step = 0; !going.isEmpty(); step++) {
                int[] drawn = context.step(going);
                List<BatchContext.Step> left = new ArrayList<>();
                for (int i = 0; i < drawn.length; i++) {
                    BatchContext.Step before = going.get(i);
                    together.get(before.sequence()).add(drawn[i]);
                    if (step < 4 * (before.sequence() + 1)) {
                        left.add(new BatchContext.Step(before.sequence(), drawn[i], before.sampler()));
                    } else {
                        before.sampler().close();
                    }
                }
                going = left;
            }
            assertEquals(20 + 5, context.position(0));
            assertEquals(7 + 17, context.position(3));
            assertThrows(IllegalArgumentException.class, () -> context.decode(prompts.subList(2, 4), 3));
            context.decode(prompts.subList(1, 2), 3);
            try (BatchContext alone = context(1)) {
                alone.decode(prompts.subList(1, 2));
                assertArrayEquals(read(alone, 0), read(context, 0), NOISE, "after the replies");
            }
        }
        for (int s = 0; s < 4; s++) {
            try (BatchContext context = context(1);
                    Sampler sampler = sampler()) {
                context.decode(List.of(prompts.get(s)));
                int token = 100 + s;
                for (int drawn : together.get(s)) {
                    token = context.step(List.of(new BatchContext.Step(0, token, sampler)))[0];
                    assertEquals(drawn, token, "sequence " + s);
                }
            }
        }
    }

    private Sampler sampler() {
        return Sampler.create(model, Kernel.SCALAR, Sampling.GREEDY, tokens);
    }

    @Test
    void use_after_close_is_an_illegal_state() {
        BatchContext context = context(2);
        context.close();
        context.close();
        assertThrows(IllegalStateException.class, () -> context.decode(List.of(prompt(0, 3))));
    }
}
