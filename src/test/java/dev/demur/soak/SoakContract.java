package dev.demur.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.suites.EveryBinding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What remains of many models and many requests: nothing. One subclass per llama.cpp. */
@EveryBinding
abstract class SoakContract {

    private static final boolean LONG = Boolean.getBoolean("demur.test.long");
    private static final int CYCLES = Integer.getInteger("demur.test.cycles", LONG ? 10_000 : 400);
    private static final int GENERATIONS = Integer.getInteger("demur.test.generations", LONG ? 100_000 : 4_000);
    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());
    /** Less than one context of the smallest model that the tests have takes in a hundred cycles. */
    private static final int MOST_GROWTH_KIB = 4096;

    @TempDir
    private Path folder;

    /** The library of llama.cpp, null for the default one. */
    abstract @Nullable Path llama();

    @Test
    void memory_stays_flat_and_no_thread_file_or_mapping_remains() throws Exception {
        Path out = folder.resolve("out.txt");
        Process process = new ProcessBuilder(command())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        boolean ended = process.waitFor(LONG ? 300 : 30, TimeUnit.MINUTES);
        process.destroyForcibly();
        List<String> lines = Files.readAllLines(out);
        String all = "seed " + SEED + "\n" + String.join("\n", lines);
        System.out.println(all);
        assertTrue(ended, all);
        assertEquals(0, process.exitValue(), all);
        assertEquals(List.of(), lines.stream().filter(SoakContract::isComplaint).toList(), all);
        assertTrue(lines.contains("SOAK FLAT"), all);
    }

    /** Of -Xcheck:jni. */
    private static boolean isComplaint(String line) {
        return line.contains("WARNING") || line.contains("FATAL") || line.startsWith("Warning:");
    }

    private List<String> command() {
        List<String> command = new ArrayList<>(List.of(
                "env",
                // glibc keeps much of what is freed, and how much depends on the order: this gives it back.
                "MALLOC_ARENA_MAX=2",
                "MALLOC_MMAP_THRESHOLD_=65536",
                "MALLOC_TRIM_THRESHOLD_=65536",
                "OMP_WAIT_POLICY=passive",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xcheck:jni",
                "-Xms48m",
                "-Xmx48m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UseDynamicNumberOfCompilerThreads",
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED"));
        for (String name : List.of("demur.binding", "demur.native.dir")) {
            if (System.getProperty(name) != null) {
                command.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Soak.class.getName()));
        command.addAll(List.of("" + CYCLES, "" + GENERATIONS, "" + MOST_GROWTH_KIB, "" + SEED));
        if (llama() != null) {
            command.add(llama().toString());
        }
        return command;
    }
}
