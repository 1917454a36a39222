package dev.demur.llama.internal;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.Supplier;

/** Measures what a thread allocates on Java's heap. */
public final class Allocation {

    /** Enough for the compiler, which leaves objects out that nobody sees. */
    private static final int WARM_UP = 20_000;

    private static final int CALLS = 1_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What was returned, so that it is not left out. */
    @SuppressWarnings("unused")
    private static volatile Object last = "";

    private Allocation() {}

    /** The bytes that the current thread has allocated since it began. */
    public static long soFar() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    /** The bytes of one call, of many the fewest per call: what a JVM does besides is none of its. */
    public static double perCall(Supplier<?> call) {
        for (int i = 0; i < WARM_UP; i++) {
            last = call.get();
        }
        double fewest = Double.POSITIVE_INFINITY;
        for (int round = 0; round < 20; round++) {
            long before = soFar();
            for (int i = 0; i < CALLS; i++) {
                last = call.get();
            }
            fewest = Math.min(fewest, (soFar() - before) / (double) CALLS);
        }
        return fewest;
    }
}
