package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeProcessorsTest {

    private static final long SECOND = 1_000_000_000;

    @TempDir
    private Path proc;

    private long now;
    private int pauses;

    @BeforeEach
    void a_machine_with_four_processors_of_which_two_may_be_used() throws IOException {
        Files.createDirectories(proc.resolve("self"));
        Files.writeString(proc.resolve("self/status"), "Name:\tjava\nCpus_allowed_list:\t1,3\n");
        write(new long[4], new long[4], 0);
    }

    /** Ticks of the processors since the start, and of this process. */
    private void write(long[] busy, long[] idle, long own) throws IOException {
        StringBuilder stat = new StringBuilder("cpu  1 2 3 4 5 6 7 8 9 10\n");
        for (int i = 0; i < busy.length; i++) {
            stat.append("cpu" + i + " " + busy[i] + " 0 0 " + idle[i] + " 0 0 0 0 0 0\n");
        }
        Files.writeString(proc.resolve("stat"), stat.append("ctxt 1\n"));
        Files.writeString(
                proc.resolve("self/stat"), "7 (a name) with)) S 1 1 1 0 -1 0 0 0 0 0 " + own + " 0 0 0 20 0 9 0 1 2 3");
    }

    private FreeProcessors watch(int available) {
        return new FreeProcessors(proc, available, () -> now, nanos -> {
            pauses++;
            now += nanos;
        });
    }

    @Test
    void what_others_do_elsewhere_does_not_count() throws IOException {
        FreeProcessors free = watch(2);
        now += SECOND;
        write(new long[] {100, 0, 100, 0}, new long[] {0, 100, 0, 100}, 0);
        assertEquals(2, free.count());
    }

    @Test
    void a_processor_that_others_use_is_not_free_and_one_always_is() throws IOException {
        FreeProcessors free = watch(2);
        now += SECOND;
        write(new long[] {0, 95, 0, 3}, new long[] {100, 5, 100, 97}, 0);
        assertEquals(1, free.count());
        now += SECOND;
        write(new long[] {0, 195, 0, 103}, new long[] {200, 5, 200, 97}, 0);
        assertEquals(1, free.count());
        now += SECOND;
        write(new long[] {0, 195, 0, 103}, new long[] {300, 105, 300, 197}, 0);
        assertEquals(2, free.count());
    }

    @Test
    void its_own_time_is_not_that_of_others() throws IOException {
        FreeProcessors free = watch(2);
        now += SECOND;
        write(new long[] {0, 100, 0, 100}, new long[] {100, 0, 100, 0}, 190);
        assertEquals(2, free.count());
    }

    @Test
    void what_was_just_measured_is_not_measured_again_and_too_short_a_time_is_waited_for() throws IOException {
        FreeProcessors free = watch(2);
        now += SECOND / 1000;
        write(new long[] {0, 2, 0, 2}, new long[] {2, 0, 2, 0}, 0);
        assertEquals(1, free.count());
        assertEquals(1, pauses);
        now += SECOND / 1000;
        write(new long[] {0, 2, 0, 2}, new long[] {2, 2, 2, 2}, 0);
        assertEquals(1, free.count());
        assertEquals(1, pauses);
    }

    @Test
    void what_was_long_ago_is_forgotten() throws IOException {
        FreeProcessors free = watch(2);
        now += 60 * SECOND;
        write(new long[] {0, 6000, 0, 6000}, new long[] {6000, 0, 6000, 0}, 0);
        assertEquals(2, free.count(), "nothing has changed since it looked anew");
        assertEquals(1, pauses);
    }

    @Test
    void where_the_system_does_not_tell_all_are_free() throws IOException {
        assertEquals(3, new FreeProcessors(proc.resolve("nothing"), 3, () -> now, nanos -> {}).count());
        Files.writeString(proc.resolve("stat"), "cpu1 none of this is a number\n");
        assertEquals(3, watch(3).count());
    }
}
