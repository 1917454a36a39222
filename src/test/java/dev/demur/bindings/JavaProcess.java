package dev.demur.bindings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command that ran to its end in a process of its own. */
public record JavaProcess(int status, String out, String err) {

    /** Options of a Java that runs for seconds, in which a second compiler and threads for garbage do not earn their keep. */
    public static final List<String> SHORT_LIVED = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private static final long MINUTES = 30;

    /** The {@code java} that this test runs on. */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** This test's own class path. */
    public static String classPath() {
        return System.getProperty("java.class.path");
    }

    /** The settings that the build made for this test, as options of Java. */
    public static List<String> settings(String... names) {
        List<String> options = new ArrayList<>();
        for (String name : names) {
            if (System.getProperty(name) != null) {
                options.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        return options;
    }

    /**
     * Runs a command; where it is {@link #java} with {@link #SHORT_LIVED}.
     *
     * @param folder its working directory
     * @param variables what its environment has besides this process's, where a value is empty: lacks
     */
    public static JavaProcess run(Path folder, Map<String, String> variables, List<String> command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("demur-out", ".txt");
        Path err = Files.createTempFile("demur-err", ".txt");
        try {
            List<String> whole = new ArrayList<>(command);
            if (whole.get(0).equals(java())) {
                whole.addAll(1, SHORT_LIVED);
            }
            ProcessBuilder builder = new ProcessBuilder(whole)
                    .directory(folder.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            variables.forEach((name, value) -> {
                if (value.isEmpty()) {
                    builder.environment().remove(name);
                } else {
                    builder.environment().put(name, value);
                }
            });
            Process process = builder.start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
            if (!ended) {
                process.destroyForcibly();
                throw new IOException(command + " did not end");
            }
            return new JavaProcess(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
