package dev.demur.cli.doctor;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.demur.cli.options.Failure;
import dev.demur.cli.terminal.Text;
import dev.demur.llama.Device;
import dev.demur.llama.internal.LlamaLibrary;
import dev.demur.llama.internal.LlamaRuntime;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens a llama.cpp in a process of its own: libraries of the same name hinder each other in one process, and one whose
 * driver ends the process ends that one.
 */
public final class LlamaProbe {

    private static final int PATIENCE_SECONDS = 60;

    private LlamaProbe() {}

    /**
     * What came of it.
     *
     * @param description null where it cannot be used
     * @param problem why not; null where it can
     * @param deadly whether opening it ended the process, or never came to an end
     */
    public record Result(
            LlamaRuntime.@Nullable Description description,
            @Nullable String problem,
            boolean deadly) {}

    /** The process's program: opens the library that standard input names and writes what it says of itself. */
    public static void main(String[] args) throws IOException {
        String file = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        String answer = answer(Path.of(file), Long.parseLong(args[0])).toString();
        System.out.writeBytes(answer.getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }

    private static JsonObject answer(Path file, long cpuFeatures) {
        JsonObject json = new JsonObject();
        try {
            LlamaRuntime.Description description = LlamaRuntime.open(new LlamaLibrary(file, cpuFeatures, "probed"))
                    .describe();
            json.addProperty("abi", description.abi());
            json.addProperty("version", description.version());
            json.addProperty("systemInfo", description.systemInfo());
            json.addProperty("concurrentDecodes", description.concurrentDecodes());
            json.addProperty("noGraph", description.noGraph());
            json.add("devices", DeviceFindings.json(description.devices()));
            json.addProperty("backendProblems", String.join("\n", description.backendProblems()));
        } catch (RuntimeException | LinkageError e) {
            // Whatever the library does is the answer.
            json.addProperty("problem", Text.oneLine(Failure.message(e)));
        }
        return json;
    }

    /** Starts the process and waits for what it says. */
    public static Result of(LlamaLibrary library) {
        try {
            Path out = Files.createTempFile("demur-probe", ".json");
            Path err = Files.createTempFile("demur-probe", ".txt");
            try {
                return run(library, out, err);
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
            }
        } catch (IOException e) {
            return new Result(null, "the process that would open it cannot be started: " + e.getMessage(), false);
        }
    }

    private static Result run(LlamaLibrary library, Path out, Path err) throws IOException {
        Process process = new ProcessBuilder(command(library))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        tell(process, library.file());
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return new Result(null, "opening it takes more than " + PATIENCE_SECONDS + " s", true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result(null, "opening it was interrupted", false);
        } finally {
            process.destroyForcibly();
        }
        String answer = Files.readString(out, StandardCharsets.UTF_8);
        if (process.exitValue() != 0 || answer.isBlank()) {
            String last = Files.readString(err, StandardCharsets.ISO_8859_1).strip();
            last = last.substring(last.lastIndexOf('\n') + 1).strip();
            return new Result(
                    null,
                    "opening it ends the process (status " + process.exitValue() + ")"
                            + (last.isEmpty() ? "" : ": " + last),
                    true);
        }
        return parse(answer);
    }

    /** Not on its command line, where Windows loses what its code page cannot spell. */
    private static void tell(Process process, Path file) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(file.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return; // it has ended already, which its status says
        }
    }

    private static Result parse(String answer) {
        try {
            JsonObject json = JsonParser.parseString(answer.substring(answer.indexOf('{')))
                    .getAsJsonObject();
            if (json.has("problem")) {
                return new Result(null, json.get("problem").getAsString(), false);
            }
            List<Device> devices = DeviceFindings.parse(json.getAsJsonArray("devices"));
            String problems = json.get("backendProblems").getAsString();
            return new Result(
                    new LlamaRuntime.Description(
                            json.get("abi").getAsString(),
                            json.get("version").getAsString(),
                            json.get("systemInfo").getAsString(),
                            json.get("concurrentDecodes").getAsBoolean(),
                            json.get("noGraph").getAsString(),
                            devices,
                            problems.isEmpty() ? List.of() : List.of(problems.split("\n"))),
                    null,
                    false);
        } catch (JsonParseException | IndexOutOfBoundsException e) {
            return new Result(null, "opening it wrote what is no answer: " + Text.oneLine(answer), true);
        }
    }

    private static List<String> command(LlamaLibrary library) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+SuppressFatalErrorMessage",
                "-XX:-CreateCoredumpOnCrash",
                "--enable-native-access=ALL-UNNAMED",
                "-Ddemur.binding=jni"));
        for (String name : List.of("demur.native.dir", "demur.library")) {
            if (System.getProperty(name) != null) {
                command.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                LlamaProbe.class.getName(),
                Long.toString(library.requiredCpuFeatures())));
        return command;
    }
}
