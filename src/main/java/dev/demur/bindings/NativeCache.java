package dev.demur.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The private folder into which native libraries are extracted, each once.
 *
 * <p>A library is kept in a folder named after its content (checksum and size), so that several versions live side by
 * side and several JVMs share one copy. It is written under a temporary name and moved into place, and checked against
 * the jar's checksum each time before it is loaded: a damaged copy is replaced. The folder must belong to the user and
 * be closed to others. Copies that no process has used for {@link UnusedCopies#KEEP} are removed when a new one is written.
 */
final class NativeCache {

    private static final Duration TOUCH_EVERY = Duration.ofDays(1);
    static final String TEMPORARY = ".part";

    private final Path folder;

    private NativeCache(Path folder) {
        this.folder = folder;
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
                        "there is no home folder and no temporary folder to extract native" + " libraries into"));
    }

    static NativeCache at(Path folder) {
        try {
            makePrivate(folder);
            // What is checked here is what is used: a link on the way may lead elsewhere a moment later.
            Path real = folder.toRealPath();
            requirePrivate(real);
            if (!Files.isWritable(real)) {
                throw new NativeLoadException(folder + advice(" is not writable"));
            }
            return new NativeCache(real);
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
            Path home = folder.resolve(Long.toHexString(content.crc()) + "-" + content.size());
            Path file = home.resolve(resource.substring(resource.lastIndexOf('/') + 1));
            if (!content.matches(file)) {
                write(library, home, file, content);
                UnusedCopies.remove(folder, home);
            }
            touch(home);
            return file;
        } catch (IOException e) {
            throw new NativeLoadException(
                    "cannot extract " + resource + " into " + folder + advice(": " + reason(e)), e);
        }
    }

    /**
     * A copy of {@code library} under a name that nothing else has. It is the caller's to delete; where that fails, the
     * next writer of a library does it an hour later.
     */
    Path copyOf(Path library) {
        try {
            Path copy = Files.createTempFile(folder, library.getFileName().toString(), TEMPORARY);
            return Files.copy(library, copy, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new NativeLoadException("cannot copy " + library + " into " + folder + advice(": " + reason(e)), e);
        }
    }

    /** Makes the folder, closed to others from its first moment: another process may look at it before this one is done. */
    private static void makePrivate(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            if (isPosix(parent == null ? folder.toAbsolutePath().getRoot() : parent)) {
                Files.createDirectory(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectory(folder);
            }
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
    }

    /** Whoever can write to this folder decides what code this process runs. */
    private static void requirePrivate(Path folder) throws IOException {
        if (!isPosix(folder)) {
            return;
        }
        PosixFileAttributes attributes = Files.readAttributes(folder, PosixFileAttributes.class);
        Set<PosixFilePermission> permissions = attributes.permissions();
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new NativeLoadException(folder + " can be written to by other users: close it (chmod go-w)"
                    + " or set -Ddemur.native.dir to a private folder");
        }
        if (!ProcessOwner.owns(folder)) {
            throw new NativeLoadException(
                    folder + " belongs to " + attributes.owner().getName()
                            + " and not to the user of this process: set -Ddemur.native.dir to a private folder");
        }
    }

    private static boolean isPosix(Path folder) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static void write(PackagedLibrary library, Path home, Path file, LibraryContent content)
            throws IOException {
        makePrivate(home);
        Path part = Files.createTempFile(home, file.getFileName().toString(), TEMPORARY);
        try {
            try (InputStream in = library.open();
                    OutputStream out = Files.newOutputStream(part)) {
                in.transferTo(out);
            }
            if (!content.matches(part)) {
                throw new IOException("the copy of " + library.url() + " is damaged");
            }
            move(part, file);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Another process may have put the same bytes there first, and may have them loaded (Windows then refuses). */
    private static void move(Path part, Path file) throws IOException {
        try {
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | AccessDeniedException e) {
            if (!Files.isRegularFile(file)) {
                throw e;
            }
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
