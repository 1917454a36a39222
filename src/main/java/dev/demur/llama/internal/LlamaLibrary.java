package dev.demur.llama.internal;

import dev.demur.NativeLoadException;
import dev.demur.bindings.NativeLibraries;
import dev.demur.bindings.Settings;
import dev.demur.llama.LlamaException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A llama.cpp library file, and where it was found.
 *
 * @param file the shared library
 * @param requiredCpuFeatures what the processor must have before the file is opened, as bits of {@code demur.h}
 * @param origin why this one, in words for {@code doctor}
 */
public record LlamaLibrary(Path file, long requiredCpuFeatures, String origin) {

    /**
     * The library to use: the one named, else the one that the system property {@code demur.llama} or the variable
     * {@code DEMUR_LLAMA} names, else the one inside an artifact {@code demur-llama-*}, else the one inside
     * java-llama.cpp's artifact, else, where that has none for this platform, the first that is installed.
     *
     * @param named a library file or the folder of a library, a build or a release archive; or null
     * @throws LlamaException if a file or folder is named that has no llama.cpp
     * @throws NativeLoadException if none is named, there is none on the class path and none is installed
     */
    public static LlamaLibrary find(@Nullable Path named) {
        return candidates(named).get(0);
    }

    /** What {@link #find} takes the first of: one, or, where nothing is named and no artifact is there, all installed. */
    static List<LlamaLibrary> candidates(@Nullable Path named) {
        if (named != null) {
            return List.of(new LlamaLibrary(locate(named), 0, "named"));
        }
        Path setting = Settings.path("demur.llama");
        if (setting != null) {
            return List.of(new LlamaLibrary(locate(setting), 0, "demur.llama or DEMUR_LLAMA"));
        }
        Optional<LlamaLibrary> current = current();
        if (current.isPresent()) {
            return List.of(current.get());
        }
        try {
            return List.of(artifact());
        } catch (NativeLoadException e) {
            List<LlamaLibrary> installed = installed();
            if (installed.isEmpty()) {
                throw e;
            }
            return installed;
        }
    }

    /**
     * The one inside the artifact {@code demur-llama-*} for this platform, extracted; empty where the class path has none.
     *
     * @throws NativeLoadException if it cannot be extracted, or is damaged
     */
    public static Optional<LlamaLibrary> current() {
        return NativeLibraries.packagedLlama()
                .map(llama -> new LlamaLibrary(llama.file(), llama.cpuFeatures(), llama.origin()));
    }

    /**
     * The one inside java-llama.cpp's artifact, extracted.
     *
     * @throws NativeLoadException if the artifact is not on the class path or has no usable library for this platform
     */
    public static LlamaLibrary artifact() {
        return new LlamaLibrary(
                NativeLibraries.javaLlama(), NativeLibraries.javaLlamaCpuFeatures(), "java-llama.cpp's artifact");
    }

    /** Those of the user's own that are found where such are usually installed; docs/RUNTIMES.md has the order. */
    public static List<LlamaLibrary> installed() {
        return LlamaPlaces.here().libraries();
    }

    private static Path locate(Path named) {
        Path path = named.toAbsolutePath();
        if (Files.isRegularFile(path)) {
            return path;
        }
        if (!Files.isDirectory(path)) {
            throw missing(path + " does not exist");
        }
        try {
            Path found = LlamaPlaces.libraryIn(path);
            if (found == null) {
                throw missing(path + " holds no libllama or libjllama, nor do lib and bin in it");
            }
            return found;
        } catch (IOException e) {
            throw new LlamaException(LlamaException.Reason.LOAD, "cannot read the folder " + path, e);
        }
    }

    /** The library with the shortest name (libllama.so before libllama.so.0), equal lengths by alphabet; null for none. */
    static @Nullable Path plainest(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (isLlama(file.getFileName().toString()) && Files.isRegularFile(file)) {
                    found.add(file);
                }
            }
        }
        return found.stream()
                .min(Comparator.comparing((Path file) -> file.toString().length())
                        .thenComparing(Comparator.naturalOrder()))
                .orElse(null);
    }

    /** {@code libllama.so}, {@code libllama.v0.5.0.so}, {@code libllama.so.0}, {@code llama.dll}, {@code libjllama.dylib}. */
    private static boolean isLlama(String name) {
        boolean library =
                name.endsWith(".so") || name.contains(".so.") || name.endsWith(".dylib") || name.endsWith(".dll");
        return library && (name.startsWith("libllama.") || name.startsWith("llama.") || name.startsWith("libjllama."));
    }

    private static LlamaException missing(String what) {
        return new LlamaException(
                LlamaException.Reason.LOAD, what + ": name a llama.cpp library (libllama.so) or the folder with it");
    }
}
