package dev.demur.bindings;

import dev.demur.NativeLoadException;
import java.util.Locale;

/** The operating system and processor, by the names that libdemur and java-llama.cpp give their folders. */
record Platform(OperatingSystem system, String architecture) {

    enum OperatingSystem {
        LINUX("linux", "Linux"),
        MACOS("macos", "Mac"),
        WINDOWS("windows", "Windows");

        private final String folder;
        private final String javaLlamaFolder;

        OperatingSystem(String folder, String javaLlamaFolder) {
            this.folder = folder;
            this.javaLlamaFolder = javaLlamaFolder;
        }
    }

    static Platform current() {
        return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    static Platform of(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        OperatingSystem system;
        if (os.startsWith("linux")) {
            system = OperatingSystem.LINUX;
        } else if (os.startsWith("mac")) {
            system = OperatingSystem.MACOS;
        } else if (os.startsWith("windows")) {
            system = OperatingSystem.WINDOWS;
        } else {
            throw new NativeLoadException(
                    "Demur does not know the operating system '" + osName
                            + "': build libdemur from native/ and name it by -Ddemur.library, and a llama.cpp by -Ddemur.llama");
        }
        String architecture = switch (osArch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64", "x64" -> "x86_64";
            case "aarch64", "arm64" -> "aarch64";
            default -> osArch.toLowerCase(Locale.ROOT);
        };
        return new Platform(system, architecture);
    }

    boolean isX86() {
        return architecture.equals("x86_64");
    }

    /** A library's file name: {@code libNAME.so}, {@code libNAME.dylib} or {@code NAME.dll}. */
    String fileName(String library) {
        return switch (system) {
            case LINUX -> "lib" + library + ".so";
            case MACOS -> "lib" + library + ".dylib";
            case WINDOWS -> library + ".dll";
        };
    }

    /** Where a libdemur for this platform lies inside the jar. */
    String libdemurResource() {
        return "dev/demur/native/" + system.folder + "/" + architecture + "/" + fileName("demur");
    }

    /** Where an artifact demur-llama has the list of its files for this platform; they lie beside it. */
    String llamaIndexResource() {
        return "dev/demur/llama/" + system.folder + "/" + architecture + "/index";
    }

    /** Where java-llama.cpp's jar has its library for this platform. */
    String javaLlamaResource() {
        return "de/kherud/llama/" + system.javaLlamaFolder + "/" + architecture + "/" + fileName("jllama");
    }

    @Override
    public String toString() {
        return system.folder + "/" + architecture;
    }
}
