package dev.demur.bindings;

import dev.demur.NativeLoadException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the native libraries are: libdemur, and the llama.cpp that an artifact on the class path carries. */
public final class NativeLibraries {

    private NativeLibraries() {}

    /** The libdemur that {@code demur.library} names, else the one inside the jar, extracted. */
    public static Path libdemur() {
        Path named = Settings.path("demur.library");
        if (named != null) {
            Path file = named.toAbsolutePath();
            if (!Files.isRegularFile(file)) {
                throw new NativeLoadException("demur.library names " + file + ", which is no file");
            }
            return file;
        }
        Platform platform = Platform.current();
        Path extracted = NativeCache.open().extract(platform.libdemurResource());
        if (extracted == null) {
            throw new NativeLoadException("this jar has no libdemur for " + platform
                    + ": take one that was built for all platforms, or build it (cmake -S native -B build &&"
                    + " cmake --build build) and name it by -Ddemur.library");
        }
        return extracted;
    }

    /**
     * A llama.cpp that lies ready in a folder, with what it consists of.
     *
     * @param file the library to open
     * @param cpuFeatures what the processor must have, as bits of {@code demur.h}
     * @param origin the artifact, and what it was made from
     */
    public record Llama(Path file, long cpuFeatures, String origin) {}

    /**
     * The current llama.cpp inside the artifact {@code demur-llama-*} for this platform, extracted; empty where the class
     * path has none.
     *
     * @throws NativeLoadException if it cannot be extracted, or is damaged
     */
    public static Optional<Llama> packagedLlama() {
        PackagedLlama llama = PackagedLlama.find(Platform.current(), NativeLibraries.class.getClassLoader());
        if (llama == null) {
            return Optional.empty();
        }
        Path folder = NativeCache.open().extract(llama);
        return Optional.of(new Llama(
                folder.resolve(llama.library()), llama.cpuFeatures(), "the artifact demur-llama: " + llama.origin()));
    }

    /**
     * The llama.cpp library inside java-llama.cpp's jar, extracted.
     *
     * @throws NativeLoadException if the jar is not on the class path or has no usable library for this platform
     */
    public static Path javaLlama() {
        Platform platform = Platform.current();
        if (platform.system() == Platform.OperatingSystem.WINDOWS) {
            throw new NativeLoadException("java-llama.cpp's library for Windows does not export llama.cpp: add the"
                    + " artifact dev.demur:demur-llama-windows-x64, or name a llama.cpp by LoadOptions.withLlama,"
                    + " -Ddemur.llama or DEMUR_LLAMA");
        }
        Path extracted = NativeCache.open().extract(platform.javaLlamaResource());
        if (extracted == null) {
            throw new NativeLoadException("there is no llama.cpp for " + platform
                    + " on the class path (dev.demur:demur-llama-*, de.kherud:llama):"
                    + " add such an artifact, or name a llama.cpp by LoadOptions.withLlama, -Ddemur.llama or DEMUR_LLAMA"
                    + (NativeLibraries.class.getModule().isNamed()
                            ? "; an artifact on the module path is found after --add-modules llama"
                            : ""));
        }
        return extracted;
    }

    /** The CPU features, as bits of {@code demur.h}, that {@link #javaLlama} was compiled for. */
    public static long javaLlamaCpuFeatures() {
        // AVX2, FMA, F16C and BMI2: what its x86-64 build assumes without asking the processor.
        return Platform.current().isX86() ? 0b1111 : 0;
    }

    /** The exception for Java's refusal to let this jar call native code; the flag is that for where its classes lie. */
    static NativeLoadException nativeAccessDenied(Throwable cause) {
        Module module = NativeLibraries.class.getModule();
        return new NativeLoadException(
                "native access is denied: start Java with --enable-native-access="
                        + (module.isNamed() ? module.getName() : "ALL-UNNAMED"),
                cause);
    }

    /** The exception for a file that the system's loader refused. */
    static NativeLoadException notLoadable(Path file, Throwable cause) {
        return new NativeLoadException(
                "cannot load " + file + ": " + cause.getMessage() + advice(cause.getMessage()), cause);
    }

    private static String advice(@Nullable String reason) {
        if (reason == null) {
            return "";
        }
        if (reason.contains("failed to map segment")
                || reason.contains("Operation not permitted")
                || reason.contains("Cannot open library")) {
            return " (if that folder is mounted noexec, set -Ddemur.native.dir or DEMUR_NATIVE_DIR to one that is not)";
        }
        if (reason.contains("Error loading shared library") || reason.contains("Error relocating")) {
            return " (this system's C library is musl, as on Alpine; there is no llama.cpp for it: run in an image with glibc,"
                    + " such as Debian's)";
        }
        return "";
    }
}
