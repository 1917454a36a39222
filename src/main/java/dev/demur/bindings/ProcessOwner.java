package dev.demur.bindings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who owns the files that this process makes: what the system says, and not {@code user.name}, which a command line may
 * set and which is {@code ?} for a user without a name.
 */
final class ProcessOwner {

    private static final Path STATUS = Path.of("/proc/self/status");

    /** Fields of the line {@code Uid:}, after its name: real, effective, saved, and that of files. */
    private static final int FILES_FIELD = 4;

    private ProcessOwner() {}

    /**
     * Whether {@code folder} belongs to this process's user.
     *
     * @throws IOException if the system tells neither
     */
    static boolean owns(Path folder) throws IOException {
        Optional<Integer> number = number();
        if (number.isPresent()
                && folder.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return number.get().equals(Files.getAttribute(folder, "unix:uid"));
        }
        return principal().equals(Files.getOwner(folder));
    }

    /** The user in letters and digits, for the name of a folder. */
    static String id() throws IOException {
        Optional<Integer> number = number();
        String id = number.isPresent()
                ? Integer.toUnsignedString(number.get())
                : principal().getName();
        return id.replaceAll("[^A-Za-z0-9]", "_");
    }

    /** The user's number where Linux tells it. */
    private static Optional<Integer> number() throws IOException {
        if (!Files.isReadable(STATUS)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("Uid:"))
                    .map(line -> Integer.parseUnsignedInt(line.split("\\s+")[FILES_FIELD]))
                    .findFirst();
        }
    }

    /** The owner of a file made for this. In the temporary folder others cannot put one of theirs in its place. */
    static UserPrincipal principal() throws IOException {
        Path file = Files.createTempFile("demur", ".owner");
        try {
            return Files.getOwner(file);
        } finally {
            Files.delete(file);
        }
    }
}
