package dev.demur.suites;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Files of one kind in the folder for temporary ones, where those of other processes come and go. */
public final class TemporaryFiles {

    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(30);

    private final String names;
    private final Set<Path> before;

    private TemporaryFiles(String names) throws IOException {
        this.names = names;
        this.before = found();
    }

    /**
     * Remembers those that are there.
     *
     * @param names a regular expression for their names
     */
    public static TemporaryFiles named(String names) throws IOException {
        return new TemporaryFiles(names);
    }

    private Set<Path> found() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().matches(names))
                    .collect(Collectors.toSet());
        }
    }

    /** Fails if one that came since stays: what a process beside this one has made goes again. */
    public void assertNoneIsLeft() throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        Set<Path> left = found();
        left.removeAll(before);
        while (!left.isEmpty()) {
            assertTrue(System.nanoTime() < end, "left behind: " + left);
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            left.retainAll(found());
        }
    }
}
