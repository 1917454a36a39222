package dev.demur.hostile;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A {@link HostileFileProbe} in a JVM of its own, started again after a file that ended it. */
final class ProbeProcess implements AutoCloseable {

    /** A file takes some milliseconds; a busy machine takes its time. */
    private static final int SECONDS = 1800;

    /** The most address space, in KiB: what asks for more is told that there is none. */
    private static final int ADDRESS_SPACE_KIB = 6 << 20;

    private static final int LAST_WORDS = 1500;

    private final @Nullable Path llama;
    private final Path log;
    private final Path crashes;
    private final ExecutorService reader = Executors.newSingleThreadExecutor();
    private @Nullable Process process;
    private @Nullable BufferedReader answers;
    private @Nullable Writer files;
    private int starts;

    /**
     * Probes with a llama.cpp library.
     *
     * @param llama null for the default one
     * @param log takes what the process writes to standard error
     * @param crashes a folder for the JVM's reports
     */
    ProbeProcess(@Nullable Path llama, Path log, Path crashes) {
        this.llama = llama;
        this.crashes = crashes;
        this.log = log;
    }

    /** Opens the file there, to compute with one thread or two. */
    Answer ask(Path file, int threads) throws IOException, InterruptedException {
        Process running = process;
        if (running == null || !running.isAlive()) {
            running = start();
        }
        Future<@Nullable String> line;
        try {
            files.write(threads + " " + file + "\n");
            files.flush();
        } catch (IOException e) {
            return died(running);
        }
        line = reader.submit(answers::readLine);
        try {
            String answer = line.get(SECONDS, TimeUnit.SECONDS);
            if (answer == null) {
                return died(running);
            }
            return Answer.isOne(answer) ? Answer.parse(answer) : crashed(running, answer, answers);
        } catch (TimeoutException e) {
            running.destroyForcibly();
            running.waitFor();
            return new Answer(Answer.Kind.HUNG, 0, "no answer after " + SECONDS + " s: " + lastWords());
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    /** How many processes it took. */
    int starts() {
        return starts;
    }

    private Answer died(Process ended) throws IOException, InterruptedException {
        return new Answer(Answer.Kind.DIED, 0, "status " + ended.waitFor() + ": " + lastWords());
    }

    /** A JVM that crashes says so on standard output. */
    private static Answer crashed(Process ended, String first, BufferedReader out)
            throws IOException, InterruptedException {
        StringBuilder report = new StringBuilder(first);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            report.append(line);
        }
        return new Answer(Answer.Kind.DIED, 0, "status " + ended.waitFor() + ": " + report);
    }

    private String lastWords() throws IOException {
        String words = Files.readString(log, StandardCharsets.ISO_8859_1);
        int abort = words.indexOf("GGML_ASSERT");
        int from = abort >= 0 ? Math.max(0, abort - 200) : Math.max(0, words.length() - LAST_WORDS);
        return words.substring(from, Math.min(words.length(), from + LAST_WORDS));
    }

    private Process start() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                "ulimit -c 0 && ulimit -v " + ADDRESS_SPACE_KIB + " && exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:ReservedCodeCacheSize=32m",
                "-XX:CompressedClassSpaceSize=32m",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + crashes.resolve("hs_err_%p.log"),
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED"));
        for (String name : List.of("demur.binding", "demur.native.dir")) {
            if (System.getProperty(name) != null) {
                command.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), HostileFileProbe.class.getName()));
        if (llama != null) {
            command.add(llama.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("GGML_NO_BACKTRACE", "1"); // or a debugger is started on the dying process
        builder.environment().put("OMP_WAIT_POLICY", "passive");
        Process started = builder.redirectError(log.toFile()).start();
        starts++;
        process = started;
        answers = started.inputReader(StandardCharsets.UTF_8);
        files = started.outputWriter(StandardCharsets.UTF_8);
        return started;
    }

    @Override
    public void close() {
        reader.shutdownNow();
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
