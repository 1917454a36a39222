package dev.demur.bindings;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Removes from a cache of native libraries what no process needs any more.
 *
 * <p>Other processes write to the cache at the same time and may clean it, too. What is gone before it was looked at, and
 * what cannot be removed because it is in use, is left to the next writer: cleaning never fails an extraction.
 */
final class UnusedCopies {

    /** How long a copy is kept after its last use. */
    static final Duration KEEP = Duration.ofDays(30);

    /** How long a writer may take; what is older was left by one that was killed. */
    private static final Duration WRITING = Duration.ofHours(1);

    private UnusedCopies() {}

    /** Removes old siblings of {@code current}, and what killed writers left beside them and in {@code current} itself. */
    static void remove(Path folder, Path current) {
        Instant now = Instant.now();
        forEach(folder, "*-*", home -> {
            if (!home.equals(current)
                    && home.getFileName().toString().matches("[0-9a-f]{1,8}-[0-9]+")
                    && Files.isDirectory(home, LinkOption.NOFOLLOW_LINKS)
                    && isOlder(home, now.minus(KEEP))) {
                // Nothing else: the folder may be one that the user has other things in.
                forEach(home, "*.{so,dylib,dll,part,lock}", Files::deleteIfExists);
                Files.deleteIfExists(home);
            }
        });
        for (Path written : List.of(folder, current)) {
            forEach(written, "*" + CachedFile.TEMPORARY, part -> {
                if (isOlder(part, now.minus(WRITING))) {
                    Files.deleteIfExists(part);
                }
            });
        }
    }

    private static boolean isOlder(Path path, Instant limit) throws IOException {
        return Files.getLastModifiedTime(path).toInstant().isBefore(limit);
    }

    private interface Action {
        void on(Path path) throws IOException;
    }

    private static void forEach(Path folder, String glob, Action action) {
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder, glob)) {
            for (Path path : paths) {
                try {
                    action.on(path);
                } catch (IOException e) {
                    continue; // gone already, or in use
                }
            }
        } catch (IOException e) {
            return; // the folder itself went at the same moment
        }
    }
}
