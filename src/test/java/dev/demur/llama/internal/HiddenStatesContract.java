package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.gguf.MicroLlama;
import dev.demur.llama.Cancellation;
import dev.demur.llama.HiddenState;
import dev.demur.llama.HiddenState.Pooling;
import dev.demur.llama.Kernel;
import dev.demur.llama.LlamaException;
import dev.demur.suites.EveryBinding;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a context captures of prompts, whole, in chunks, together and gone on with; for each llama.cpp and binding. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EveryBinding
abstract class HiddenStatesContract {

    private static final int SIZE = 256;
    private static final int BATCH = 128;
    private static final List<HiddenState> VALUES = List.of(
            new HiddenState(1, Pooling.LAST), new HiddenState(0, Pooling.MEAN), new HiddenState(0, Pooling.LAST));

    /** Of rows, in multiples of their largest number: batches of another shape add up in another order. */
    private static final double NOISE = 0.02;

    private final Random random = new Random(5);
    private LlamaModel model;

    /** The library; null for that of java-llama.cpp. */
    abstract @Nullable Path llama();

    @BeforeAll
    void load(@TempDir Path folder) {
        model = LlamaModel.load(
                LlamaRuntime.open(llama()), MicroLlama.bytePair(3).write(folder.resolve("micro.gguf")), 0);
    }

    @AfterAll
    void close() {
        model.close();
    }

    private LlamaContext context(int sequences) {
        return LlamaContext.create(model, SIZE, BATCH, sequences, 1);
    }

    private int[] prompt(int length) {
        return random.ints(length, 9, 200).toArray();
    }

    /** What a prompt gives in a context of its own. */
    private float[] fresh(int[] prompt, int from, int to) {
        try (LlamaContext context = context(1)) {
            HiddenStates hidden = context.captureHidden(VALUES);
            assertEquals(0, context.poolOver(hidden, 0, from, to));
            context.decode(0, prompt);
            return hidden.read(0);
        }
    }

    private static void assertNear(float[] expected, float[] numbers) {
        double largest = 0;
        for (float number : expected) {
            largest = Math.max(largest, Math.abs(number));
        }
        assertTrue(largest > 0);
        assertArrayEquals(expected, numbers, (float) (NOISE * largest));
    }

    private static float[] mean(HiddenStates hidden, float[] numbers) {
        return Arrays.copyOfRange(numbers, hidden.width(), 2 * hidden.width());
    }

    @Test
    void values_have_the_width_of_the_model() {
        try (LlamaContext context = context(1)) {
            HiddenStates hidden = context.captureHidden(VALUES);
            assertEquals(model.embeddingSize(), hidden.width());
            assertEquals(3 * hidden.width(), hidden.size());
        }
    }

    @Test
    void a_prompt_in_chunks_or_among_others_has_the_numbers_that_it_has_alone() {
        int[] prompt = prompt(120);
        int[] longer = Arrays.copyOf(prompt, 250);
        float[] expected = fresh(prompt, 20, 119);
        try (LlamaContext context = context(3)) {
            HiddenStates hidden = context.captureHidden(VALUES);
            // The same tokens as the rest of a prompt that is already held.
            for (int cut : new int[] {1, 19, 60, 119}) {
                context.clear(1);
                context.poolOver(hidden, 1, 20, 119);
                context.decode(1, Arrays.copyOf(prompt, cut));
                context.decode(1, prompt);
                assertNear(expected, hidden.read(1));
            }
            List<int[]> prompts = List.of(prompt(10), prompt(30), prompt(25));
            for (int i = 0; i < 3; i++) {
                context.clear(i);
                context.poolOver(hidden, i, 2 + i, 9 + i);
            }
            context.decode(prompts, 0);
            for (int i = 0; i < 3; i++) {
                assertNear(fresh(prompts.get(i), 2 + i, 9 + i), hidden.read(i));
            }
            context.clear(2);
            context.poolOver(hidden, 2, 20, 119);
            context.decode(2, longer);
            assertArrayEquals(mean(hidden, expected), mean(hidden, hidden.read(2)), 1e-3f);
        }
    }

    @Test
    void a_turn_that_is_generated_again_has_the_same_mean_and_an_edited_one_its_own() {
        int[] prompt = prompt(60);
        int[] edited = prompt.clone();
        edited[40] = edited[40] == 50 ? 51 : 50;
        try (LlamaContext context = context(1)) {
            HiddenStates hidden = context.captureHidden(VALUES);
            context.poolOver(hidden, 0, 30, 55);
            context.decode(0, prompt);
            float[] first = hidden.read(0);
            int[] reply = Arrays.copyOf(prompt, 80);
            context.decode(0, reply);
            assertEquals(59, context.resume(0, prompt));
            assertEquals(59, context.poolOver(hidden, 0, 30, 55));
            context.decode(0, prompt);
            assertArrayEquals(mean(hidden, first), mean(hidden, hidden.read(0)));
            assertNear(first, hidden.read(0));

            assertEquals(40, context.resume(0, edited));
            assertEquals(30, context.poolOver(hidden, 0, 30, 55), "the mean begins anew");
            context.decode(0, edited);
            assertNear(fresh(edited, 30, 55), hidden.read(0));
        }
    }

    @Test
    void a_prompt_behind_a_shared_beginning_has_the_numbers_of_one_decoded_anew() {
        int[] beginning = prompt(12);
        try (LlamaContext context = context(2)) {
            HiddenStates hidden = context.captureHidden(VALUES);
            context.shareBeginning(beginning);
            for (int round = 0; round < 4; round++) {
                int[] prompt = prompt(40);
                System.arraycopy(beginning, 0, prompt, 0, 12);
                assertEquals(12, context.begin(1, prompt));
                // In the last round the mean is taken over some of the beginning, which is then decoded anew.
                int from = round < 3 ? 12 : 5;
                assertEquals(from, context.poolOver(hidden, 1, from, 39));
                context.decode(1, prompt);
                assertNear(fresh(prompt, from, 39), hidden.read(1));
            }
            int[] prompt = prompt(40);
            System.arraycopy(beginning, 0, prompt, 0, 12);
            assertEquals(12, context.begin(1, prompt));
        }
    }

    @Test
    void capturing_changes_no_logit() {
        int[] prompt = prompt(100);
        int[] ids = {1, 30, 31};
        try (LlamaContext context = context(1);
                LlamaContext plain = context(1)) {
            HiddenStates hidden = context.captureHidden(VALUES);
            context.poolOver(hidden, 0, 0, 100);
            context.decode(0, prompt);
            plain.decode(0, prompt);
            double[] expected = plain.read(0, Kernel.SCALAR, ids, 1);
            double[] numbers = context.read(0, Kernel.SCALAR, ids, 1);
            assertArrayEquals(expected, numbers);
        }
    }

    @Test
    void a_cancelled_decode_leaves_the_mean_as_it_was() {
        int[] prompt = prompt(200);
        try (LlamaContext context = context(1)) {
            HiddenStates hidden = context.captureHidden(VALUES);
            context.poolOver(hidden, 0, 10, 190);
            context.decode(0, Arrays.copyOf(prompt, 50));
            Cancellation cancellation = new Cancellation();
            cancellation.cancel();
            Cancellation.Scope scope = context.cancelledBy(cancellation);
            assertThrows(CancellationException.class, () -> context.decode(0, prompt));
            scope.close();
            assertThrows(IllegalArgumentException.class, () -> hidden.read(0));
            context.decode(0, prompt);
            assertNear(fresh(prompt, 10, 190), hidden.read(0));
        }
    }

    @Test
    void what_was_not_captured_is_an_error_that_says_why() {
        LlamaContext context = context(2);
        HiddenStates hidden = context.captureHidden(VALUES);
        String none = message(IllegalArgumentException.class, () -> hidden.read(0));
        assertTrue(none.contains("no output"), none);
        context.decode(0, prompt(20));
        String unnamed = message(IllegalArgumentException.class, () -> hidden.read(0));
        assertTrue(unnamed.contains("positions 0 to 0"), unnamed);
        assertThrows(IllegalArgumentException.class, () -> hidden.read(2));
        assertThrows(IllegalArgumentException.class, () -> context.poolOver(hidden, 0, 5, 4));
        context.close();
        assertThrows(IllegalStateException.class, () -> hidden.read(0));
        assertThrows(IllegalStateException.class, () -> context.poolOver(hidden, 0, 1, 4));
    }

    @Test
    void what_cannot_be_captured_is_refused_and_the_context_goes_on() {
        int[] prompt = prompt(20);
        try (LlamaContext context = context(2)) {
            String layer = message(
                    IllegalArgumentException.class,
                    () -> context.captureHidden(List.of(new HiddenState(2, Pooling.LAST))));
            assertTrue(layer.contains("2 blocks"), layer);
            assertThrows(IllegalArgumentException.class, () -> context.captureHidden(List.of()));
            LlamaException last = assertThrows(
                    LlamaException.class, () -> context.captureHidden(List.of(new HiddenState(1, Pooling.MEAN))));
            assertEquals(LlamaException.Reason.UNSUPPORTED, last.reason());
            assertTrue(String.valueOf(last.getMessage()).contains("block 1"), last.getMessage());
            context.decode(0, prompt);
            assertThrows(IllegalArgumentException.class, () -> context.captureHidden(VALUES));
            context.clear(0);
            HiddenStates hidden = context.captureHidden(VALUES);
            context.poolOver(hidden, 0, 0, 20);
            context.decode(0, prompt);
            assertNear(fresh(prompt, 0, 20), hidden.read(0));
            assertThrows(IllegalArgumentException.class, () -> context.captureHidden(VALUES));
        }
    }

    @Test
    void another_thread_may_close_a_context_that_captures() throws InterruptedException {
        for (int round = 0; round < 10; round++) {
            LlamaContext context = context(1);
            HiddenStates hidden = context.captureHidden(VALUES);
            int[] prompt = prompt(200);
            Thread closing = new Thread(context::close);
            closing.start();
            try {
                while (true) {
                    context.clear(0);
                    context.poolOver(hidden, 0, 1, 190);
                    context.decode(0, prompt);
                    hidden.read(0);
                }
            } catch (IllegalStateException e) {
                assertTrue(String.valueOf(e.getMessage()).contains("closed"), e.getMessage());
            }
            closing.join();
        }
    }

    private static String message(Class<? extends Exception> type, Executable call) {
        return String.valueOf(assertThrows(type, call).getMessage());
    }
}
