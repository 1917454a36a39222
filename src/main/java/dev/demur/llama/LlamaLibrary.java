package dev.demur.llama;

import dev.demur.bindings.NativeLibraries;
import dev.demur.bindings.Settings;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
     * {@code DEMUR_LLAMA} names, else the one inside java-llama.cpp's artifact.
     *
     * @param named a library file or the folder with it, or null
     * @throws LlamaException if a file or folder is named that has no llama.cpp
     * @throws dev.demur.bindings.NativeLoadException if none is named and there is none on the class path
     */
    public static LlamaLibrary find(@Nullable Path named) {
        if (named != null) {
            return new LlamaLibrary(locate(named), 0, "named");
        }
        String setting = Settings.get("demur.llama");
        if (setting != null) {
            return new LlamaLibrary(locate(Path.of(setting)), 0, "demur.llama");
        }
        return new LlamaLibrary(
                NativeLibraries.javaLlama(), NativeLibraries.javaLlamaCpuFeatures(), "java-llama.cpp's artifact");
    }

    private static Path locate(Path named) {
        Path path = named.toAbsolutePath();
        if (Files.isRegularFile(path)) {
            return path;
        }
        if (!Files.isDirectory(path)) {
            throw missing(path + " does not exist");
        }
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                if (isLlama(file.getFileName().toString())) {
                    found.add(file);
                }
            }
        } catch (IOException e) {
            throw new LlamaException(LlamaException.Reason.LOAD, "cannot read the folder " + path, e);
        }
        if (found.isEmpty()) {
            throw missing(path + " holds no libllama or libjllama");
        }
        // The shortest name is the plain one (libllama.so before libllama.so.0); equal lengths by alphabet.
        Collections.sort(found, (a, b) -> {
            int byLength = Integer.compare(a.toString().length(), b.toString().length());
            return byLength != 0 ? byLength : a.compareTo(b);
        });
        return found.get(0);
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
