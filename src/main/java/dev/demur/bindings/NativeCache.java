package dev.demur.bindings;

import dev.demur.NativeLoadException;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The private folder into which native libraries are extracted, each once.
 *
 * <p>A library is kept in a folder named after its content (checksum and size), so that several versions live side by
 * side and several JVMs share one copy. {@link CachedFile} says how it is written; it is checked against
 * the jar's checksum each time before it is loaded: a damaged copy is replaced. The folder must belong to the user and
 * be closed to others. Copies that no process has used for {@link UnusedCopies#KEEP} are removed when a new one is written.
 */
final class NativeCache {

    private static final Duration TOUCH_EVERY = Duration.ofDays(1);

    private final Path folder;
    private final boolean inPlace;

    private NativeCache(Path folder, boolean inPlace) {
        this.folder = folder;
        this.inPlace = inPlace;
    }

    /**
     * The folder that {@code demur.native.dir} names, else the first usable one of {@link CachePlaces}.
     *
     * @throws NativeLoadException if there is none
     */
    static NativeCache open() {
        Path named = Settings.path("demur.native.dir");
        return named != null ? at(named.toAbsolutePath()) : first(CachePlaces.here());
    }

    static NativeCache first(CachePlaces places) {
        NativeLoadException failure = null;
        try {
            for (Path folder : places.folders()) {
                try {
                    return at(folder);
                } catch (NativeLoadException e) {
                    if (failure != null) {
                        e.addSuppressed(failure);
                    }
                    failure = e;
                }
            }
        } catch (IOException e) {
            throw new NativeLoadException("cannot tell who runs this process" + advice(": " + reason(e)), e);
        }
        throw failure != null
                ? failure
                : new NativeLoadException(advice(
                        "there is no home folder and no temporary folder, of a name that this system can load a library by,"
                                + " to extract native libraries into"));
    }

    static NativeCache at(Path folder) {
        return at(folder, !PrivateFolder.isPosix(folder));
    }

    /** The same where it is known whether files that are in use cannot be replaced. */
    static NativeCache at(Path folder, boolean inPlace) {
        try {
            PrivateFolder.make(folder);
            // What is checked here is what is used: a link on the way may lead elsewhere a moment later.
            Path real = folder.toRealPath();
            PrivateFolder.require(real);
            if (!Files.isWritable(real)) {
                throw new NativeLoadException(folder + advice(" is not writable"));
            }
            return new NativeCache(real, inPlace);
        } catch (IOException e) {
            throw new NativeLoadException("cannot use " + folder + advice(": " + reason(e)), e);
        }
    }

    /** The file that holds the class-path resource {@code resource}, or null if there is no such resource. */
    @Nullable
    Path extract(String resource) {
        URL url = NativeCache.class.getClassLoader().getResource(resource);
        if (url == null) {
            return null;
        }
        try {
            PackagedLibrary library = new PackagedLibrary(url, resource);
            LibraryContent content = library.content();
            Path home = home(content);
            CachedFile copy = cached(library, content, home);
            finish(home, copy.bring());
            return copy.file();
        } catch (IOException e) {
            throw failure(resource, e);
        }
    }

    /** The folder that holds all files of a packaged llama.cpp, each checked. */
    Path extract(PackagedLlama llama) {
        try {
            Path home = home(llama.content());
            boolean written = false;
            for (PackagedLlama.Part part : llama.parts()) {
                written |= cached(part.library(), part.content(), home).bring();
            }
            finish(home, written);
            return home;
        } catch (IOException e) {
            throw failure(llama.origin(), e);
        }
    }

    private Path home(LibraryContent content) {
        return folder.resolve(Long.toHexString(content.crc()) + "-" + content.size());
    }

    private CachedFile cached(PackagedLibrary library, LibraryContent content, Path home) {
        String resource = library.resource();
        return new CachedFile(
                library, content, home.resolve(resource.substring(resource.lastIndexOf('/') + 1)), inPlace);
    }

    private void finish(Path home, boolean written) throws IOException {
        if (written) {
            UnusedCopies.remove(folder, home);
        }
        touch(home);
    }

    private NativeLoadException failure(String what, IOException e) {
        return new NativeLoadException("cannot extract " + what + " into " + folder + advice(": " + reason(e)), e);
    }

    /**
     * A copy of {@code library} under a name that nothing else has. It is the caller's to delete; where that fails, the
     * next writer of a library does it an hour later.
     */
    Path copyOf(Path library) {
        try {
            Path copy = Files.createTempFile(folder, library.getFileName().toString(), CachedFile.TEMPORARY);
            return Files.copy(library, copy, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new NativeLoadException("cannot copy " + library + " into " + folder + advice(": " + reason(e)), e);
        }
    }

    private static void touch(Path home) throws IOException {
        Instant now = Instant.now();
        if (Files.getLastModifiedTime(home).toInstant().isBefore(now.minus(TOUCH_EVERY))) {
            Files.setLastModifiedTime(home, FileTime.from(now));
        }
    }

    private static String advice(String what) {
        return what + "; set -Ddemur.native.dir (or DEMUR_NATIVE_DIR) to a private, writable folder";
    }

    private static String reason(IOException e) {
        String message = e.getMessage();
        return e.getClass().getSimpleName() + (message == null ? "" : " " + message);
    }
}
