package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.llama.Message;
import dev.demur.llama.Sampling;
import dev.demur.llama.internal.Allocation;
import dev.demur.suites.EveryBinding;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a token of a reply costs on Java's heap. */
@EveryBinding
class GenerationAllocationIT {

    private static final int FEW = 32;
    private static final int MANY = 160;

    /** A string and its bytes, handed to the listener, and its share of the reply's text as that grows. */
    private static final double MOST_BYTES = 128;

    @Test
    void a_token_allocates_its_text_and_nothing_else() {
        try (Demur demur = Demur.load(DemurContract.MODEL, LoadOptions.DEFAULTS.withThreads(1))) {
            bytes(demur, MANY);
            long few = bytes(demur, FEW);
            long many = bytes(demur, MANY);
            double perToken = (many - few) / (double) (MANY - FEW);
            assertTrue(perToken > 0 && perToken <= MOST_BYTES, perToken + " bytes a token");
        }
    }

    /** Of the same reply, so that all its tokens have been seen before. */
    private static long bytes(Demur demur, int tokens) {
        GenerationOptions options = GenerationOptions.DEFAULTS
                .withSampling(Sampling.GREEDY.withTemperature(1e6).withSeed(5))
                .withMaxTokens(tokens);
        List<Message> prompt = List.of(Message.user("Hello"));
        long fewest = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long before = Allocation.soFar();
            Generation generation = demur.generate(Request.of(prompt, options));
            fewest = Math.min(fewest, Allocation.soFar() - before);
            assertEquals(tokens, generation.timings().generatedTokens(), "the seed ends the reply early");
        }
        return fewest;
    }
}
