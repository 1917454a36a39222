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
import java.util.Locale;
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

    /** The folder that {@code demur.native.dir} names, else one in the user's cache, else one in the temporary folder. */
    static NativeCache open() {
        String named = Settings.get("demur.native.dir");
        if (named != null) {
            return at(Path.of(named).toAbsolutePath());
        }
        try {
            return at(userCache());
        } catch (NativeLoadException e) {
            try {
                String user = System.getProperty("user.name", "user").replaceAll("[^A-Za-z0-9]", "_");
                return at(Path.of(System.getProperty("java.io.tmpdir"), "demur-" + user)
                        .toAbsolutePath());
            } catch (NativeLoadException second) {
                second.addSuppressed(e);
                throw second;
            }
        }
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
            LibraryContent content = LibraryContent.of(url);
            Path home = folder.resolve(Long.toHexString(content.crc()) + "-" + content.size());
            Path file = home.resolve(resource.substring(resource.lastIndexOf('/') + 1));
            if (!content.matches(file)) {
                write(url, home, file, content);
                UnusedCopies.remove(folder, home);
            }
            touch(home);
            return file;
        } catch (IOException e) {
            throw new NativeLoadException(
                    "cannot extract " + resource + " into " + folder + advice(": " + reason(e)), e);
        }
    }

    private static Path userCache() {
        String home = System.getProperty("user.home", "");
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String xdg = System.getenv("XDG_CACHE_HOME");
        String local = System.getenv("LOCALAPPDATA");
        Path cache;
        if (os.startsWith("windows") && local != null) {
            cache = Path.of(local);
        } else if (os.startsWith("mac")) {
            cache = Path.of(home, "Library", "Caches");
        } else if (xdg != null && !xdg.isBlank()) {
            cache = Path.of(xdg);
        } else {
            cache = Path.of(home, ".cache");
        }
        return cache.resolve("demur").resolve("native").toAbsolutePath();
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
        String user = System.getProperty("user.name", "");
        String owner = attributes.owner().getName();
        if (!owner.equals(user) && !user.isEmpty() && !user.equals("?")) {
            throw new NativeLoadException(folder + " belongs to " + owner + " and not to " + user
                    + ": set -Ddemur.native.dir to a private folder");
        }
    }

    private static boolean isPosix(Path folder) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static void write(URL url, Path home, Path file, LibraryContent content) throws IOException {
        makePrivate(home);
        Path part = Files.createTempFile(home, file.getFileName().toString(), TEMPORARY);
        try {
            try (InputStream in = LibraryContent.open(url);
                    OutputStream out = Files.newOutputStream(part)) {
                in.transferTo(out);
            }
            if (!content.matches(part)) {
                throw new IOException("the copy of " + url + " is damaged");
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
