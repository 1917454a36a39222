package dev.demur.classloaders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.bindings.JavaProcess;
import dev.demur.bindings.Native;
import dev.demur.suites.EveryBinding;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Demur in several class loaders of one process, as in a server whose programs come and go. */
@EveryBinding
class ClassLoadersIT {

    private static final int DEPLOYMENTS = 20;

    /** From here on nothing is new to Java or llama.cpp. */
    private static final int SETTLED = 5;

    /** For fifteen deployments; what a libdemur and its threads of llama.cpp take each time would be far more. */
    private static final long MOST_GROWTH_KIB = 8 * 1024;

    private static final Pattern FACTS = Pattern.compile("deployment (\\d+) kept (\\d+) libraries (\\d+) KiB (\\d+)");

    private static final Path MODEL = Path.of("models/demur-tiny.gguf");

    @TempDir
    Path temporary;

    @Test
    @SuppressWarnings("unchecked") // The class is this package's own, from another loader.
    void a_second_class_loader_decides_as_the_first_does() throws Exception {
        String prompt = "How do I kill a Python process?";
        try (Deployment here = new Deployment(MODEL.toString(), "");
                var loader = new URLClassLoader(urls(), ClassLoader.getPlatformClassLoader())) {
            Class<?> other = loader.loadClass(Deployment.class.getName());
            assertNotEquals(Deployment.class, other);
            Object there = other.getConstructor(String.class, String.class).newInstance(MODEL.toString(), "");
            try {
                assertEquals(here.apply(prompt), ((UnaryOperator<String>) there).apply(prompt));
                assertEquals(
                        Native.bindings().name(),
                        loader.loadClass("dev.demur.bindings.Native")
                                .getMethod("bindings")
                                .invoke(null)
                                .getClass()
                                .getSimpleName()
                                .replace("Bindings", "")
                                .toLowerCase(Locale.ROOT));
            } finally {
                ((AutoCloseable) there).close();
            }
        }
    }

    @Test
    void twenty_redeployments_beside_one_that_stays_take_no_more_memory_and_leave_no_file() throws Exception {
        Path cache = Files.createDirectory(temporary.resolve("cache"));
        List<String> command = new ArrayList<>(List.of(
                JavaProcess.java(),
                "-Xms48m",
                "-Xmx48m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED",
                "-Ddemur.native.dir=" + cache));
        command.addAll(JavaProcess.settings("demur.binding"));
        // What each of them chooses is logged at INFO.
        Path logging = Files.writeString(
                temporary.resolve("logging.properties"), "handlers=java.util.logging.ConsoleHandler\n.level=WARNING\n");
        command.add("-Djava.util.logging.config.file=" + logging);
        // The program itself has no Demur.
        Path alone = Files.createDirectories(temporary.resolve("alone/dev/demur/classloaders"));
        Path classes = Path.of(Redeploys.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Files.copy(classes.resolve("dev/demur/classloaders/Redeploys.class"), alone.resolve("Redeploys.class"));
        Files.copy(classes.resolve("dev/demur/classloaders/Deployment.class"), alone.resolve("Deployment.class"));
        command.addAll(
                List.of("-cp", temporary.resolve("alone").toString(), Redeploys.class.getName(), "" + DEPLOYMENTS));
        command.addAll(List.of(JavaProcess.classPath(), MODEL.toString()));
        JavaProcess run = JavaProcess.run(
                Path.of("."),
                // glibc keeps much of what is freed, and how much depends on the order: this gives it back.
                Map.of(
                        "MALLOC_ARENA_MAX", "2",
                        "MALLOC_MMAP_THRESHOLD_", "65536",
                        "MALLOC_TRIM_THRESHOLD_", "65536",
                        "OMP_WAIT_POLICY", "passive"),
                command);
        String all = run.out() + run.err();
        System.out.println(all);
        assertEquals(0, run.status(), all);
        assertTrue(run.out().endsWith("REDEPLOYED\n"), all);
        assertEquals("", run.err());
        long settled = 0;
        int seen = 0;
        Matcher facts = FACTS.matcher(run.out());
        while (facts.find()) {
            seen++;
            assertTrue(Integer.parseInt(facts.group(2)) <= 1, "a class loader is kept: " + all);
            assertTrue(Integer.parseInt(facts.group(3)) <= 3, "copies of the library stay: " + all);
            long resident = Long.parseLong(facts.group(4));
            if (seen == SETTLED) {
                settled = resident;
            }
            assertTrue(seen <= SETTLED || resident - settled < MOST_GROWTH_KIB, "it grows: " + all);
        }
        assertEquals(DEPLOYMENTS, seen, all);
        try (Stream<Path> left = Files.walk(cache)) {
            assertEquals(
                    List.of(),
                    left.filter(file -> file.toString().endsWith(".part")).toList());
        }
    }

    private static URL[] urls() throws IOException {
        List<URL> urls = new ArrayList<>();
        for (String entry : JavaProcess.classPath().split(File.pathSeparator)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return urls.toArray(URL[]::new);
    }
}
