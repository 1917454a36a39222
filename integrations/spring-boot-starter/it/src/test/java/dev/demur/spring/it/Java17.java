package dev.demur.spring.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The oldest Java that Demur runs on, where it is installed. */
final class Java17 {

    private Java17() {}

    /** Its {@code java}: of the folder that {@code JAVA17_HOME} names, or of one where Linux has them. */
    static Optional<Path> find() throws IOException {
        List<Path> homes = new ArrayList<>();
        String named = System.getenv("JAVA17_HOME");
        if (named != null) {
            homes.add(Path.of(named));
        }
        Path usual = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(usual)) {
            try (Stream<Path> entries = Files.list(usual)) {
                entries.sorted().forEach(homes::add);
            }
        }
        for (Path home : homes) {
            Path release = home.resolve("release");
            if (Files.isRegularFile(release) && Files.readString(release).contains("JAVA_VERSION=\"17")) {
                return Optional.of(home.resolve("bin").resolve("java"));
            }
        }
        return Optional.empty();
    }
}
