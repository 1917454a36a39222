package dev.demur.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.suites.Repetitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program in a JVM of its own, whose resident memory grows by nothing but what is measured. */
final class SoakProcess {

    private SoakProcess() {}

    /** Runs the program to its end, which says SOAK FLAT and nothing that -Xcheck:jni complains of. */
    static void run(Class<?> program, int heapMib, Path out, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(command(heapMib));
        command.add(program.getName());
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        boolean ended = process.waitFor(Repetitions.of(30, 300), TimeUnit.MINUTES);
        process.destroyForcibly();
        List<String> lines = Files.readAllLines(out);
        String all = String.join("\n", command.subList(command.size() - arguments.size(), command.size())) + "\n"
                + String.join("\n", lines);
        System.out.println(all);
        assertTrue(ended, all);
        assertEquals(0, process.exitValue(), all);
        assertEquals(List.of(), lines.stream().filter(SoakProcess::isComplaint).toList(), all);
        assertTrue(lines.contains("SOAK FLAT"), all);
    }

    private static boolean isComplaint(String line) {
        return line.contains("WARNING") || line.contains("FATAL") || line.startsWith("Warning:");
    }

    private static List<String> command(int heapMib) {
        List<String> command = new ArrayList<>(List.of(
                "env",
                // glibc keeps much of what is freed, and how much depends on the order: this gives it back.
                "MALLOC_ARENA_MAX=2",
                "MALLOC_MMAP_THRESHOLD_=65536",
                "MALLOC_TRIM_THRESHOLD_=65536",
                "OMP_WAIT_POLICY=passive",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xcheck:jni",
                "-Xms" + heapMib + "m",
                "-Xmx" + heapMib + "m",
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
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        return command;
    }
}
