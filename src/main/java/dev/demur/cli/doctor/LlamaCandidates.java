package dev.demur.cli.doctor;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import dev.demur.NativeLoadException;
import dev.demur.llama.Device;
import dev.demur.llama.LlamaException;
import dev.demur.llama.internal.LlamaLibrary;
import dev.demur.llama.internal.LlamaRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Every llama.cpp that {@code doctor} finds, opened in a process of its own, and why one cannot be used. */
public final class LlamaCandidates {

    /**
     * One of them.
     *
     * @param used whether {@code ask} would open it
     */
    public record Candidate(LlamaLibrary library, boolean used, LlamaProbe.Result result) {}

    private final List<Candidate> candidates;

    private LlamaCandidates(List<Candidate> candidates) {
        this.candidates = candidates;
    }

    /** Finds and opens them: the one that ask would open first, then those of artifacts, then the installed ones. */
    public static LlamaCandidates find(@Nullable Path named) {
        List<LlamaLibrary> libraries = new ArrayList<>();
        LlamaLibrary used = null;
        try {
            used = LlamaLibrary.find(named);
            libraries.add(used);
        } catch (LlamaException | NativeLoadException e) {
            used = null; // The step for the llama.cpp in use tells of it.
        }
        addArtifacts(libraries);
        libraries.addAll(LlamaLibrary.installed());
        List<Candidate> candidates = new ArrayList<>();
        Set<Path> seen = new HashSet<>();
        for (LlamaLibrary library : libraries) {
            if (seen.add(real(library.file()))) {
                candidates.add(new Candidate(library, library == used, LlamaProbe.of(library)));
            }
        }
        return new LlamaCandidates(candidates);
    }

    /** An application may leave either out; where it is to be used, the step for that one tells why it cannot be. */
    private static void addArtifacts(List<LlamaLibrary> libraries) {
        try {
            LlamaLibrary.current().ifPresent(libraries::add);
            libraries.add(LlamaLibrary.artifact());
        } catch (NativeLoadException e) {
            return;
        }
    }

    private static Path real(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            return file;
        }
    }

    /** Why the one that ask would open must not be opened in this process; null where it may. */
    @Nullable
    public String danger() {
        return candidates.stream()
                .filter(candidate -> candidate.used() && candidate.result().deadly())
                .map(candidate ->
                        candidate.library().file() + ": " + candidate.result().problem())
                .findFirst()
                .orElse(null);
    }

    public void addTo(Findings facts) {
        JsonArray array = new JsonArray();
        String label = "Found";
        for (Candidate candidate : candidates) {
            LlamaRuntime.Description description = candidate.result().description();
            String origin = candidate.library().file() + " ("
                    + candidate.library().origin() + (candidate.used() ? "; in use)" : ")");
            if (description == null) {
                facts.failure(label, origin + ": " + candidate.result().problem());
            } else {
                facts.line(label, origin + ": " + version(description));
                for (Device device : description.devices()) {
                    facts.line("", "  " + DeviceFindings.text(device));
                }
                for (String problem : description.backendProblems()) {
                    facts.line("", "  " + problem);
                }
            }
            label = "";
            array.add(json(candidate, description));
        }
        facts.field("llama.candidates", array);
    }

    /** Generation and version, and whether it is newer than what was tested. */
    public static String version(LlamaRuntime.Description description) {
        String version = description.version();
        return (version.isEmpty() ? "it does not tell its version" : "version " + version) + "; interface: "
                + description.abi()
                + (description.newerThanTested()
                        ? "; newer than " + LlamaRuntime.NEWEST_TESTED + ", the newest that Demur was tested with"
                        : "");
    }

    private static JsonObject json(Candidate candidate, LlamaRuntime.@Nullable Description description) {
        JsonObject json = new JsonObject();
        json.addProperty("path", candidate.library().file().toString());
        json.addProperty("origin", candidate.library().origin());
        json.addProperty("used", candidate.used());
        json.addProperty("usable", description != null);
        json.addProperty("problem", candidate.result().problem());
        if (description != null) {
            json.addProperty("abi", description.abi());
            json.add("version", JsonNull.INSTANCE);
            if (!description.version().isEmpty()) {
                json.addProperty("version", description.version());
            }
            json.addProperty("newerThanTested", description.newerThanTested());
            json.add("devices", DeviceFindings.json(description.devices()));
            JsonArray problems = new JsonArray();
            description.backendProblems().forEach(problems::add);
            json.add("backendProblems", problems);
        }
        return json;
    }
}
