package dev.demur.llama.internal;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a llama.cpp of the user's own may be installed, in the order in which it is looked for: beside its programs on the
 * search path, Homebrew's folders, the distribution's, WinGet's, and where builds and release archives are put by hand.
 *
 * @param root what absolute names begin at; the file system's root
 * @param environment the process's environment variables
 * @param architecture Java's name of the processor
 */
record LlamaPlaces(Path root, Map<String, String> environment, String architecture) {

    private static final String[] PROGRAMS = {"llama-cli", "llama-server", "llama-cli.exe", "llama-server.exe"};

    /** Where a build, an installation or a release archive has its libraries, below its own folder. */
    private static final String[] LAYOUTS = {"", "build/bin", "bin", "lib", "lib64"};

    LlamaPlaces {
        environment = Map.copyOf(environment);
    }

    /** Those of this machine. */
    static LlamaPlaces here() {
        return new LlamaPlaces(Path.of("/"), System.getenv(), System.getProperty("os.arch", ""));
    }

    /** The library in {@code folder}, or in the folders below where a build or an archive has it; null for none. */
    static @Nullable Path libraryIn(Path folder) throws IOException {
        for (String layout : LAYOUTS) {
            Path below = folder.resolve(layout);
            Path library = Files.isDirectory(below) ? LlamaLibrary.plainest(below) : null;
            if (library != null) {
                return library;
            }
        }
        return null;
    }

    /** All libraries that are there, each once. */
    List<LlamaLibrary> libraries() {
        List<LlamaLibrary> found = new ArrayList<>();
        Set<Path> seen = new LinkedHashSet<>();
        folders((folder, origin) -> {
            try {
                Path library = Files.isDirectory(folder) ? libraryIn(folder) : null;
                if (library != null && seen.add(library.toRealPath())) {
                    found.add(new LlamaLibrary(library, 0, origin));
                }
            } catch (IOException e) {
                return; // A folder that cannot be read holds nothing for this user.
            }
        });
        return found;
    }

    private void folders(BiConsumer<Path, String> to) {
        programs(to);
        homebrew(to);
        for (String name : distribution()) {
            to.accept(root.resolve(name), "the distribution's libraries");
        }
        for (String name : List.of("usr/local/lib", "usr/local/lib64", "opt/llama.cpp")) {
            to.accept(root.resolve(name), "installed by hand");
        }
        windows(to);
        Path home = named("HOME") != null ? named("HOME") : named("USERPROFILE");
        if (home != null) {
            to.accept(home.resolve("llama.cpp"), "a build or release archive in the home folder");
        }
    }

    private List<String> distribution() {
        String machine = switch (architecture.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64", "x64" -> "x86_64";
            case "aarch64", "arm64" -> "aarch64";
            default -> architecture.toLowerCase(Locale.ROOT);
        };
        String debian = "usr/lib/" + machine + "-linux-gnu";
        return List.of(debian, debian + "/llama", debian + "/llama.cpp", "usr/lib64", "usr/lib");
    }

    /** Where WinGet puts its packages, each in a folder whose name begins with its own, and where programs are installed. */
    private void windows(BiConsumer<Path, String> to) {
        Path local = named("LOCALAPPDATA");
        Path packages = local == null ? null : local.resolve("Microsoft/WinGet/Packages");
        if (packages != null && Files.isDirectory(packages)) {
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(packages, "ggml.llamacpp*")) {
                folders.forEach(folder -> to.accept(folder, "WinGet"));
            } catch (IOException | DirectoryIteratorException e) {
                return; // A folder that cannot be read holds nothing for this user.
            }
        }
        Path programs = named("ProgramFiles");
        if (programs != null) {
            to.accept(programs.resolve("llama.cpp"), "installed for all users");
        }
    }

    private void homebrew(BiConsumer<Path, String> to) {
        List<Path> prefixes = new ArrayList<>();
        Path named = named("HOMEBREW_PREFIX");
        if (named != null) {
            prefixes.add(named);
        }
        prefixes.add(root.resolve("opt/homebrew"));
        prefixes.add(root.resolve("home/linuxbrew/.linuxbrew"));
        for (Path prefix : prefixes) {
            to.accept(prefix.resolve("opt/llama.cpp"), "Homebrew");
            to.accept(prefix.resolve("lib"), "Homebrew");
        }
    }

    /** What a variable names, if absolute: a relative path would lie in the working directory, which may be anybody's. */
    private @Nullable Path named(String variable) {
        try {
            Path path = Path.of(environment.getOrDefault(variable, ""));
            return path.isAbsolute() ? path : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** A release archive has libraries beside programs; an installation has them in the folder lib beside theirs. */
    private void programs(BiConsumer<Path, String> to) {
        for (String entry : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
            for (String program : PROGRAMS) {
                Path folder = folderOf(entry, program);
                if (folder != null) {
                    String origin = "beside " + program + " on the search path";
                    to.accept(folder, origin);
                    to.accept(folder.resolveSibling("lib"), origin);
                    to.accept(folder.resolveSibling("lib64"), origin);
                }
            }
        }
    }

    /** Where a program really lies, links followed; null where there is none. Relative entries are left alone. */
    private static @Nullable Path folderOf(String entry, String program) {
        try {
            Path file = Path.of(entry).resolve(program);
            return file.isAbsolute() && Files.isRegularFile(file)
                    ? file.toRealPath().getParent()
                    : null;
        } catch (InvalidPathException | IOException e) {
            return null;
        }
    }
}
