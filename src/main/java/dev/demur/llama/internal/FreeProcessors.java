package dev.demur.llama.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How many of the processors that this process may run on others leave to it. llama.cpp's threads wait for each other many
 * times a token, so that one whose processor is taken holds up all: a thread too many costs more than it brings.
 *
 * <p>Measured over the time since the last look by the system's count of idle time, where it has one (Linux); elsewhere all
 * of them count as free. Thread-safe.
 */
public final class FreeProcessors {

    /** The system counts in hundredths of a second: less tells nothing. */
    private static final long SHORTEST_NANOS = 20_000_000;

    /** What was measured this long ago is still true. */
    private static final long FRESH_NANOS = 200_000_000;

    /** What happened over longer than this says little of now. */
    private static final long LONGEST_NANOS = 2_000_000_000;

    private static final int STATES = 8; // user, nice, system, idle, iowait, irq, softirq, steal
    private static final int IDLE = 3;
    private static final int WAITING = 4;

    /** The fields of a process's line behind its name that hold its own time, in user and in system mode. */
    private static final int OWN_USER = 11;

    private final Path proc;
    private final int available;
    private final LongSupplier clock;
    private final Pause pause;
    private @Nullable Sample last;
    private int known;
    private boolean measured;

    /** Waits for some nanoseconds. */
    interface Pause {
        void nanos(long nanos) throws InterruptedException;
    }

    /** Times in the system's ticks, of the processors that this process may run on, and when they were read. */
    private record Sample(long total, long idle, long own, int processors, long nanos) {}

    FreeProcessors(Path proc, int available, LongSupplier clock, Pause pause) {
        this.proc = proc;
        this.available = available;
        this.clock = clock;
        this.pause = pause;
        this.known = available;
        this.last = sample();
    }

    /** Looks for the first time. */
    public static FreeProcessors watch() {
        return new FreeProcessors(
                Path.of("/proc"),
                Runtime.getRuntime().availableProcessors(),
                System::nanoTime,
                nanos -> Thread.sleep(nanos / 1_000_000));
    }

    /** From 1 to as many as this process may use. Takes 20 ms where the last look was long ago or only just now. */
    public synchronized int count() {
        Sample before = last;
        if (before == null || available == 1) {
            return available;
        }
        long since = clock.getAsLong() - before.nanos;
        if (measured && since < FRESH_NANOS) {
            return known;
        }
        if (since > LONGEST_NANOS) {
            before = sample();
            since = 0;
        }
        if (since < SHORTEST_NANOS) {
            try {
                pause.nanos(SHORTEST_NANOS - since);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the caller hears of it, and what is known has to do
                return known;
            }
        }
        Sample now = sample();
        if (before == null || now == null) {
            return available;
        }
        last = now;
        measured = true;
        known = between(before, now);
        return known;
    }

    /** What others did not use, in processors. */
    private int between(Sample before, Sample now) {
        long total = now.total - before.total;
        if (total <= 0) {
            return known;
        }
        double free = (double) (now.idle - before.idle + now.own - before.own) / total * now.processors;
        return (int) Math.max(1, Math.min(available, Math.round(free)));
    }

    /** Null where the system does not tell. */
    private @Nullable Sample sample() {
        try {
            BitSet allowed = allowed();
            long total = 0;
            long idle = 0;
            int processors = 0;
            for (String line : Files.readAllLines(proc.resolve("stat"))) {
                String[] fields = line.split(" +");
                if (!fields[0].matches("cpu\\d+") || !allowed.get(Integer.parseInt(fields[0].substring(3)))) {
                    continue;
                }
                processors++;
                for (int state = 0; state < STATES; state++) {
                    long ticks = Long.parseLong(fields[1 + state]);
                    total += ticks;
                    idle += state == IDLE || state == WAITING ? ticks : 0;
                }
            }
            return processors == 0 ? null : new Sample(total, idle, own(), processors, clock.getAsLong());
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return null; // not Linux, or a sandbox that shows less than Linux does
        }
    }

    private long own() throws IOException {
        String line = Files.readString(proc.resolve("self/stat"));
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[OWN_USER]) + Long.parseLong(fields[OWN_USER + 1]);
    }

    /** The processors that this process may run on; all of them where that is not told. */
    private BitSet allowed() throws IOException {
        BitSet allowed = new BitSet();
        List<String> status = Files.readAllLines(proc.resolve("self/status"));
        for (String line : status) {
            if (line.startsWith("Cpus_allowed_list:")) {
                for (String range :
                        line.substring(line.indexOf(':') + 1).strip().split(",")) {
                    String[] ends = range.split("-");
                    allowed.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
                }
                return allowed;
            }
        }
        allowed.set(0, 1 << 16);
        return allowed;
    }
}
