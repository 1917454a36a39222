package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.demur.gguf.GgufFile;
import dev.demur.llama.Kernel;
import dev.demur.llama.LlamaException;
import dev.demur.llama.Sampling;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.internal.DecisionTokenFinder;
import dev.demur.suites.EveryBinding;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** That what a sampler is given reaches what draws. */
@EveryBinding
class SamplerIT {

    private static final Path MODEL = Path.of("models/demur-tiny.gguf");
    private static final GgufFile FILE = GgufFile.read(MODEL);
    private static final DecisionTokens TOKENS = DecisionTokenFinder.find(FILE).tokens();
    private static final LlamaModel LOADED = LlamaModel.load(LlamaRuntime.open((Path) null), MODEL, 0);
    private static final TokenPieces PIECES = new TokenPieces(LOADED);

    @AfterAll
    static void free() {
        LOADED.close();
    }

    private static int[] drawn(Sampling sampling, int count) {
        Kernel kernel = KernelChoice.choose(null);
        int[] drawn = new int[count];
        try (LlamaContext context = LlamaContext.create(LOADED, 64, 64, 1, 1);
                Sampler sampler = Sampler.create(PIECES, kernel, sampling, TOKENS.ids(), null)) {
            Growing reply = new Growing(0, TOKENS.ids()[0], sampler);
            for (int i = 0; i < count; i++) {
                context.step(List.of(reply));
                reply.goOn(context.drawn(0));
                drawn[i] = reply.token();
            }
        }
        return drawn;
    }

    @Test
    void it_draws_by_the_kernel_that_it_is_given() {
        for (Kernel kernel : Kernel.values()) {
            if (KernelChoice.isSupported(kernel)) {
                Sampler.create(PIECES, kernel, Sampling.GREEDY, TOKENS.ids(), null)
                        .close();
            } else {
                LlamaException e = assertThrows(
                        LlamaException.class,
                        () -> Sampler.create(PIECES, kernel, Sampling.GREEDY, TOKENS.ids(), null));
                assertEquals(LlamaException.Reason.UNSUPPORTED, e.reason());
            }
        }
    }

    @Test
    void a_presence_penalty_that_exceeds_all_logits_lets_no_token_come_twice() {
        int[] drawn = drawn(Sampling.GREEDY.withPresencePenalty(100), 30);
        assertEquals(30, Arrays.stream(drawn).distinct().count(), Arrays.toString(drawn));
    }

    /** What was drawn once is lifted by 34, what was drawn twice lowered by 32. */
    @Test
    void frequency_counts_each_time_and_presence_once() {
        int[] drawn = drawn(Sampling.GREEDY.withFrequencyPenalty(66).withPresencePenalty(-100), 3);
        assertEquals(drawn[0], drawn[1]);
        assertNotEquals(drawn[1], drawn[2]);
    }

    @Test
    void a_repeat_penalty_below_1_makes_a_likely_token_likelier() {
        int[] drawn = drawn(Sampling.GREEDY.withRepeatPenalty(0.1), 5);
        assertEquals(1, Arrays.stream(drawn).distinct().count(), Arrays.toString(drawn));
    }
}
