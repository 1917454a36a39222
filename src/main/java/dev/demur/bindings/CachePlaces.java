package dev.demur.bindings;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The folders that native libraries may be extracted into where the user names none, best first: one in the user's cache,
 * then one in the temporary folder.
 *
 * <p>Only absolute paths count, whatever a property or a variable holds: a relative one would lie in the working directory,
 * which may be anybody's.
 *
 * @param properties the system properties
 * @param environment the process's environment variables
 */
record CachePlaces(Properties properties, Map<String, String> environment) {

    private static final Path USUAL_TEMPORARY = Path.of("/tmp");

    static CachePlaces here() {
        return new CachePlaces(System.getProperties(), System.getenv());
    }

    /** At most two; none where the system names neither a home nor a temporary folder. */
    List<Path> folders() throws IOException {
        List<Path> folders = new ArrayList<>();
        Path cache = userCache();
        if (cache != null && canBeSpelt(cache)) {
            folders.add(cache.resolve("demur").resolve("native"));
        }
        Path temporary = existing(properties.getProperty("java.io.tmpdir"));
        if (temporary == null && USUAL_TEMPORARY.isAbsolute() && Files.isDirectory(USUAL_TEMPORARY)) {
            temporary = USUAL_TEMPORARY;
        }
        if (temporary != null && canBeSpelt(temporary)) {
            folders.add(temporary.resolve("demur-" + ProcessOwner.id()));
        }
        return folders;
    }

    /** Windows loads a library for Java by a path in the system's code page, which may lack characters of a user's name. */
    private boolean canBeSpelt(Path folder) {
        String encoding = properties.getProperty("sun.jnu.encoding");
        return !isWindows()
                || encoding == null
                || !Charset.isSupported(encoding)
                || Charset.forName(encoding).newEncoder().canEncode(folder.toString());
    }

    private boolean isWindows() {
        return properties.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
    }

    private @Nullable Path userCache() {
        String os = properties.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        Path local = absolute(environment.get("LOCALAPPDATA"));
        if (isWindows() && local != null) {
            return local;
        }
        Path xdg = absolute(environment.get("XDG_CACHE_HOME"));
        boolean mac = os.startsWith("mac");
        if (!mac && xdg != null) {
            return xdg;
        }
        Path home = home();
        if (home == null) {
            return null;
        }
        return mac ? home.resolve("Library").resolve("Caches") : home.resolve(".cache");
    }

    /** Java 17 takes a user whom the system has no entry for to live in {@code ?}. */
    private @Nullable Path home() {
        Path home = existing(properties.getProperty("user.home"));
        return home != null ? home : existing(environment.get("HOME"));
    }

    private static @Nullable Path existing(@Nullable String name) {
        Path path = absolute(name);
        return path != null && Files.isDirectory(path) ? path : null;
    }

    private static @Nullable Path absolute(@Nullable String name) {
        if (name == null || name.isBlank()) {
            return null;
        }
        try {
            Path path = Path.of(name);
            return path.isAbsolute() ? path : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }
}
