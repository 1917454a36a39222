package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.demur.DemurException;
import dev.demur.gguf.MicroLlama;
import dev.demur.llama.Kernel;
import dev.demur.llama.Sampling;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.internal.DecisionTokenFinder;
import dev.demur.suites.EveryBinding;
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
@EveryBinding
class LlamaContextIT {

    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());
    private static final int SIZE = 256;
    private static final int BATCH = 128;
    private static final int[] BEGINNING = {1, 40, 41, 42, 43};

    /** Weights of F32: what differs is the order of sums, and the memory's F16. */
    private static final double NOISE = 1e-3;

    private static final Random RANDOM = new Random(SEED);

    private LlamaModel model;
    private DecisionTokens tokens;

    @BeforeAll
    void load(@TempDir Path folder) {
        model = LlamaModel.load(
                LlamaRuntime.open((Path) null), MicroLlama.bytePair(3).write(folder.resolve("micro.gguf")), 0);
        tokens = DecisionTokenFinder.find(model.file()).tokens();
    }

    @AfterAll
    void close() {
        model.close();
    }

    private LlamaContext context(int sequences, int... beginning) {
        LlamaContext context = LlamaContext.create(model, SIZE, BATCH, sequences, 1);
        context.shareBeginning(beginning);
        return context;
    }

    /** Decodes prompts, each from what it shares with the beginning on. */
    private static void decode(LlamaContext context, List<int[]> prompts, int first) {
        for (int i = 0; i < prompts.size(); i++) {
            context.begin(first + i, prompts.get(i));
        }
        context.decode(prompts, first);
    }

    private static void decode(LlamaContext context, List<int[]> prompts) {
        decode(context, prompts, 0);
    }

    private double[] read(LlamaContext context, int sequence) {
        int[] ids = tokens.ids();
        return Arrays.copyOf(context.read(sequence, Kernel.SCALAR, ids, 1), ids.length);
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
        try (LlamaContext shared = context(sequences, BEGINNING);
                LlamaContext alone = context(1)) {
            for (int round = 0; round < 60; round++) {
                List<int[]> prompts = new ArrayList<>();
                int count = 1 + RANDOM.nextInt(sequences);
                while (prompts.size() < count) {
                    int common = RANDOM.nextInt(2 * BEGINNING.length);
                    prompts.add(prompt(common, 1 + RANDOM.nextInt(round % 9 == 0 ? SIZE : 16)));
                }
                prompts = prompts.subList(0, shared.fitting(prompts, 0));
                decode(shared, prompts);
                for (int i = 0; i < prompts.size(); i++) {
                    decode(alone, List.of(prompts.get(i)));
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
        try (LlamaContext context = context(1, BEGINNING)) {
            decode(context, List.of(prompt));
            double[] first = read(context, 0);
            for (int common = 0; common <= BEGINNING.length; common++) {
                for (int length : new int[] {1, common + 1, BEGINNING.length, 30, BATCH + 40, SIZE}) {
                    decode(context, List.of(prompt(common, length)));
                    decode(context, List.of(prompt));
                    assertArrayEquals(first, read(context, 0), "after " + common + " of " + length + ", seed " + SEED);
                }
            }
        }
    }

    @Test
    void a_decode_takes_as_many_prompts_as_there_are_sequences_and_tokens_in_a_batch() {
        try (LlamaContext context = context(4, BEGINNING)) {
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
            assertThrows(IllegalArgumentException.class, () -> context.decode(five, 0));
            assertThrows(IllegalArgumentException.class, () -> context.decode(prompts.subList(0, 3), 0));
            assertThrows(IllegalArgumentException.class, () -> context.decode(List.of(), 0));
            assertThrows(IllegalArgumentException.class, () -> context.decode(List.of(new int[0]), 0));
            assertThrows(DemurException.class, () -> context.decode(List.of(prompt(0, SIZE + 1)), 0));
            decode(context, prompts.subList(0, 2));
            assertEquals(2 * tokens.labels().count(), read(context, 0).length + read(context, 1).length);
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
        try (LlamaContext context = context(4, BEGINNING)) {
            decode(context, prompts.subList(0, 2));
            decode(context, prompts.subList(2, 4), 2);
            List<Growing> going = new ArrayList<>();
            for (int s = 0; s < 4; s++) {
                together.add(new ArrayList<>());
                going.add(new Growing(s, 100 + s, sampler()));
            }
            // One after another leaves, as replies do that end.
            for (int step = 0; !going.isEmpty(); step++) {
                context.step(going);
                List<Growing> left = new ArrayList<>();
                for (int i = 0; i < going.size(); i++) {
                    Growing grown = going.get(i);
                    grown.goOn(context.drawn(i));
                    together.get(grown.sequence()).add(grown.token());
                    if (step < 4 * (grown.sequence() + 1)) {
                        left.add(grown);
                    } else {
                        grown.sampler().close();
                    }
                }
                going = left;
            }
            assertEquals(20 + 5, context.position(0));
            assertEquals(7 + 17, context.position(3));
            assertThrows(IllegalArgumentException.class, () -> context.decode(prompts.subList(2, 4), 3));
            decode(context, prompts.subList(1, 2), 3);
            try (LlamaContext alone = context(1)) {
                decode(alone, prompts.subList(1, 2));
                assertArrayEquals(read(alone, 0), read(context, 3), NOISE, "after the replies");
            }
        }
        for (int s = 0; s < 4; s++) {
            try (LlamaContext context = context(1);
                    Sampler sampler = sampler()) {
                decode(context, List.of(prompts.get(s)));
                Growing reply = new Growing(0, 100 + s, sampler);
                for (int drawn : together.get(s)) {
                    context.step(List.of(reply));
                    reply.goOn(context.drawn(0));
                    assertEquals(drawn, reply.token(), "sequence " + s);
                }
            }
        }
    }

    private Sampler sampler() {
        return Sampler.create(new TokenPieces(model), Kernel.SCALAR, Sampling.GREEDY, tokens.ids(), null);
    }

    @Test
    void a_prompt_is_decoded_from_where_it_differs_and_read_as_if_anew() {
        try (LlamaContext context = context(2);
                LlamaContext alone = context(1)) {
            int[] first = prompt(0, 40);
            int[] longer = Arrays.copyOf(first, 60);
            System.arraycopy(prompt(0, 30), 0, longer, 30, 30);
            assertEquals(0, context.resume(1, first));
            context.decode(1, first);
            assertEquals(30, context.resume(1, longer), "what both begin with");
            context.decode(1, longer);
            alone.clear(0);
            alone.decode(0, longer);
            assertArrayEquals(read(alone, 0), read(context, 1), NOISE, "seed " + SEED);
            assertEquals(59, context.resume(1, longer), "at least the last token is decoded");
            context.decode(1, longer);
            assertArrayEquals(read(alone, 0), read(context, 1), NOISE, "seed " + SEED);
        }
    }

    @Test
    void what_a_sequence_does_not_begin_with_is_not_decoded_behind_it() {
        try (LlamaContext context = context(1)) {
            context.decode(0, prompt(0, 9));
            for (int[] other : List.of(prompt(0, 20), prompt(0, 3))) {
                IllegalArgumentException e =
                        assertThrows(IllegalArgumentException.class, () -> context.decode(0, other));
                assertEquals(
                        "sequence 0 holds 9 tokens, which are not the beginning of the prompt: forget them first",
                        e.getMessage());
            }
            assertEquals(9, context.position(0));
        }
    }

    @Test
    void only_the_last_decode_can_be_read() {
        try (LlamaContext context = context(2)) {
            assertThrows(IllegalStateException.class, () -> read(context, 0));
            context.decode(0, prompt(0, 9));
            read(context, 0);
            assertThrows(IllegalStateException.class, () -> read(context, 1));
            context.decode(1, prompt(0, 9));
            assertThrows(IllegalStateException.class, () -> read(context, 0));
            try (Sampler sampler = sampler()) {
                int next = context.draw(1, sampler);
                context.step(List.of(new Growing(1, next, sampler)));
                read(context, 1);
                assertThrows(IllegalStateException.class, () -> context.draw(0, sampler));
            }
            context.clear(1);
            assertThrows(IllegalStateException.class, () -> read(context, 1));
        }
    }

    @Test
    void use_after_close_is_an_illegal_state() {
        LlamaContext context = context(2);
        context.close();
        context.close();
        assertThrows(IllegalStateException.class, () -> context.decode(List.of(prompt(0, 3)), 0));
    }
}
