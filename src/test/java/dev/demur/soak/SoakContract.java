package dev.demur.soak;

import dev.demur.suites.EveryBinding;
import dev.demur.suites.Repetitions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What remains of many models and many requests: nothing. One subclass per llama.cpp. */
@EveryBinding
abstract class SoakContract {

    private static final int CYCLES = Integer.getInteger("demur.test.cycles", Repetitions.of(240, 10_000));
    private static final int GENERATIONS = Integer.getInteger("demur.test.generations", Repetitions.of(2_400, 100_000));
    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());
    /** Less than one context of the smallest model that the tests have takes in a hundred cycles. */
    private static final int MOST_GROWTH_KIB = 4096;

    @TempDir
    private Path folder;

    /** The library of llama.cpp, null for the default one. */
    abstract @Nullable Path llama();

    @Test
    void memory_stays_flat_and_no_thread_file_or_mapping_remains() throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("" + CYCLES, "" + GENERATIONS, "" + MOST_GROWTH_KIB, "" + SEED));
        if (llama() != null) {
            arguments.add(llama().toString());
        }
        SoakProcess.run(Soak.class, 48, folder.resolve("out.txt"), arguments);
    }
}
