package dev.demur.llama.internal;

import dev.demur.bindings.Bindings;
import dev.demur.bindings.Native;
import dev.demur.llama.Device;
import dev.demur.llama.LlamaException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An opened llama.cpp library.
 *
 * <p>It lives as long as the process, because llama.cpp's thread pools and backends cannot be unloaded safely; opening
 * the same file again gives the same library. Thread-safe.
 */
public final class LlamaRuntime {

    /** The newest version of llama.cpp that the tests run on. */
    public static final String NEWEST_TESTED = "0.5.0";

    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+).*");

    private final Bindings bindings;
    private final LlamaLibrary library;
    private final long address;

    private LlamaRuntime(Bindings bindings, LlamaLibrary library, long address) {
        this.bindings = bindings;
        this.library = library;
        this.address = address;
    }

    /**
     * Opens the library that {@link LlamaLibrary#find} finds; where nothing is named and java-llama.cpp has none for this
     * platform, the first installed one that can be used.
     *
     * @throws LlamaException if it is no llama.cpp that Demur can use; the message says what differed
     * @throws dev.demur.NativeLoadException if libdemur or the default llama.cpp cannot be loaded
     */
    public static LlamaRuntime open(@Nullable Path named) {
        LlamaException failure = null;
        for (LlamaLibrary candidate : LlamaLibrary.candidates(named)) {
            try {
                return open(candidate);
            } catch (LlamaException e) {
                if (failure != null) {
                    e.addSuppressed(failure);
                }
                failure = e;
            }
        }
        throw Objects.requireNonNull(failure, "there is at least one candidate");
    }

    /** Opens {@code library}; errors as for {@link #open(Path)}. */
    public static LlamaRuntime open(LlamaLibrary library) {
        Bindings bindings = Native.bindings();
        try (NativeCallBuffer path =
                NativeCallBuffer.ofText(bindings, library.file().toString())) {
            int status =
                    bindings.runtimeOpen(path.dataAddress(), library.requiredCpuFeatures(), path.out(), path.error());
            path.check(status);
            LlamaLog.drain(bindings);
            return new LlamaRuntime(bindings, library, path.outLong());
        }
    }

    Bindings bindings() {
        return bindings;
    }

    long address() {
        return address;
    }

    /** The file, and why this one. */
    public LlamaLibrary library() {
        return library;
    }

    /** How C is reached: {@code jni} or {@code ffm}. */
    public String binding() {
        return bindings.name();
    }

    /** What the library says of itself, read anew: memory figures change. */
    public Description describe() {
        Map<String, String> values = new LinkedHashMap<>();
        String lines = NativeCallBuffer.text(
                bindings,
                (out, capacity, length, error) -> bindings.runtimeDescribe(address, out, capacity, length, error));
        for (String line : lines.split("\n")) {
            int tab = line.indexOf('\t');
            if (tab > 0) {
                values.put(line.substring(0, tab), line.substring(tab + 1));
            }
        }
        List<Device> devices = new ArrayList<>();
        for (int i = 0; values.containsKey("device." + i + ".name"); i++) {
            String prefix = "device." + i + ".";
            devices.add(new Device(
                    values.getOrDefault(prefix + "name", ""),
                    values.getOrDefault(prefix + "description", ""),
                    values.getOrDefault(prefix + "type", ""),
                    Long.parseLong(values.getOrDefault(prefix + "memory_free", "0")),
                    Long.parseLong(values.getOrDefault(prefix + "memory_total", "0"))));
        }
        List<String> backendProblems = new ArrayList<>();
        for (int i = 0; values.containsKey("backend." + i + ".name"); i++) {
            backendProblems.add(values.get("backend." + i + ".name") + ": " + values.get("backend." + i + ".problem"));
        }
        return new Description(
                values.getOrDefault("abi", ""),
                values.getOrDefault("version", ""),
                values.getOrDefault("system_info", ""),
                "many".equals(values.get("decodes")),
                values.getOrDefault("no_graph", ""),
                devices,
                backendProblems);
    }

    /** The names of the chat templates that this llama.cpp knows. */
    public List<String> chatTemplateNames() {
        String names = NativeCallBuffer.text(
                bindings,
                (out, capacity, length, error) -> bindings.chatTemplateNames(address, out, capacity, length, error));
        return names.isBlank() ? List.of() : List.of(names.strip().split("\n"));
    }

    /**
     * What a library says of itself.
     *
     * @param abi {@code old} or {@code new}: which of the two generations of llama.cpp's interface it has
     * @param version empty where the library does not tell
     * @param systemInfo the processor features that it was built with
     * @param concurrentDecodes whether contexts decode at the same time; in older releases they wait for one another
     * @param noGraph why the logits cannot be read by backend sampling with this library; empty where they can, if the device
     *     has the operations
     * @param devices in llama.cpp's order
     * @param backendProblems why a backend that the library brings gives no device, a sentence for each
     */
    public record Description(
            String abi,
            String version,
            String systemInfo,
            boolean concurrentDecodes,
            String noGraph,
            List<Device> devices,
            List<String> backendProblems) {

        public Description {
            devices = List.copyOf(devices);
            backendProblems = List.copyOf(backendProblems);
        }

        /** Whether it is newer than {@link #NEWEST_TESTED}: accepted by what it exports, as all are, and never tried. */
        public boolean newerThanTested() {
            return isNewer(version, NEWEST_TESTED);
        }

        static boolean isNewer(String version, String tested) {
            Matcher found = VERSION.matcher(version);
            Matcher known = VERSION.matcher(tested);
            if (!found.matches() || !known.matches()) {
                return false;
            }
            for (int part = 1; part <= 3; part++) {
                int order = new BigInteger(found.group(part)).compareTo(new BigInteger(known.group(part)));
                if (order != 0) {
                    return order > 0;
                }
            }
            return false;
        }
    }
}
