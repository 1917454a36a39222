package dev.demur.gguf;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are damaged at random where it matters; {@code -Ddemur.test.mutants=N} makes more than the usual 300. */
class GgufMutationTest {

    private static final int MUTANTS = Integer.getInteger("demur.test.mutants", 300);
    private static final long SEED = Long.getLong("demur.test.seed", 20_261_123L);
    private static final Duration TIME = Duration.ofMinutes(30);
    /** Room for messages, and for a buffer that is read in steps of 256 KiB. */
    private static final long MEMORY_PER_FILE = 2L << 20;

    @TempDir
    private Path folder;

    @Test
    void a_damaged_file_is_refused_in_a_sentence_or_can_be_read_throughout() throws IOException {
        GgufMutator[] mutators = {
            new GgufMutator(MicroLlama.bytePair(1).build()),
            new GgufMutator(MicroLlama.sentencePiece(1).build()),
        };
        Path path = folder.resolve("mutant.gguf");
        int refused = 0;
        for (int i = 0; i < MUTANTS; i++) {
            long seed = SEED + i;
            Files.write(path, mutators[i % mutators.length].mutant(seed));
            if (assertTimeoutPreemptively(TIME, () -> isRefused(path, seed), "seed " + seed)) {
                refused++;
            }
        }
        assertTrue(
                refused > MUTANTS / 2 && refused < MUTANTS, refused + " of " + MUTANTS + " were refused, seed " + SEED);
    }

    private static boolean isRefused(Path path, long seed) {
        long before = allocated();
        try {
            GgufFile file = GgufFile.read(path);
            for (int id = 0; id < file.tokenCount(); id++) {
                assertTrue(
                        file.findToken(file.tokenText(id)) == id
                                || file.tokenText(id).isEmpty(),
                        "seed " + seed);
                file.tokenType(id);
            }
            long elements = 0;
            for (TensorInfo tensor : file.tensors()) {
                elements += tensor.elements();
            }
            assertTrue(elements >= 0, "seed " + seed);
            return false;
        } catch (GgufException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith("mutant.gguf: ") && message.length() < 500, "seed " + seed + ": " + message);
            return true;
        } finally {
            long used = allocated() - before;
            assertTrue(used < MEMORY_PER_FILE, "seed " + seed + ": took " + used + " bytes");
        }
    }

    private static long allocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getCurrentThreadAllocatedBytes();
    }
}
