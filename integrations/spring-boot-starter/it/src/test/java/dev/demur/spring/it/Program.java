package dev.demur.spring.it;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program of docs/SPRING.md, started from its jar as a process of its own. */
final class Program implements AutoCloseable {

    /** How long a busy machine may take; it only ends what hangs. */
    private static final long PATIENCE_SECONDS = 1800;

    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    private final Process process;
    private final Path log;
    private final HttpClient client = HttpClient.newHttpClient();

    private Program(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts it on the Java that runs this. */
    static Program start(Path folder, List<String> jvm, List<String> arguments) throws IOException {
        return start(Path.of(System.getProperty("java.home"), "bin", "java"), folder, jvm, arguments);
    }

    /**
     * Starts it in a folder.
     *
     * @param java the program that runs it
     * @param jvm options of Java
     * @param arguments of the program
     */
    static Program start(Path java, Path folder, List<String> jvm, List<String> arguments) throws IOException {
        Files.createDirectories(folder);
        Path log = folder.resolve("program.log");
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.addAll(jvm);
        command.add("-jar");
        command.add(jar().toString());
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new Program(process, log);
    }

    private static Path jar() {
        return Path.of(System.getProperty("demur.test.sample"), "target", "assistant-1.jar")
                .toAbsolutePath();
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** The port that it listens at, waited for. */
    int port() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < end) {
            Matcher found = PORT.matcher(log());
            if (found.find()) {
                return Integer.parseInt(found.group(1));
            }
            if (!process.isAlive()) {
                break;
            }
            Thread.sleep(100);
        }
        throw new AssertionError("the program did not start:\n" + log());
    }

    /** Waits until it has ended by itself. */
    int ended() throws InterruptedException, IOException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the program goes on:\n" + log());
        }
        return process.exitValue();
    }

    /** Asks it, and returns the body of a response with status 200. */
    String get(String path, String question) throws IOException, InterruptedException {
        URI address = URI.create("http://localhost:" + port() + path
                + (question.isEmpty() ? "" : "?question=" + URLEncoder.encode(question, StandardCharsets.UTF_8)));
        HttpResponse<String> response =
                client.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + response.body() + "\n" + log());
        }
        return response.body();
    }

    /** Stops it as an operator does, and returns its exit status. */
    int stop() throws InterruptedException, IOException {
        process.destroy();
        return ended();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
