package dev.demur.soak;

import dev.demur.suites.Repetitions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@link EngineSoak}, of which nothing remains. */
@Timeout(36_000)
@EnabledOnOs(value = OS.LINUX, disabledReason = "NOT RUN: threads and memory are counted in /proc")
class EngineSoakIT {

    private static final int REQUESTS = Integer.getInteger("demur.test.requests", Repetitions.of(640, 100_000));
    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());
    private static final int MOST_GROWTH_KIB = 24 << 10;

    @TempDir
    private Path folder;

    @Test
    void mixed_requests_are_answered_as_alone_and_nothing_is_left() throws Exception {
        SoakProcess.run(
                EngineSoak.class,
                192,
                folder.resolve("out.txt"),
                List.of("" + REQUESTS, "" + SEED, "" + MOST_GROWTH_KIB));
    }
}
