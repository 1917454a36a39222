package dev.demur.cli.files;

import dev.demur.DemurException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes a file as a whole or not at all: first beside its place, then moved there. */
public final class WholeFile {

    private static final String UNFINISHED = ".part";

    private WholeFile() {}

    /**
     * Writes the file; one that is already there is replaced, through links.
     *
     * @throws DemurException naming the file, if it cannot be written
     */
    public static void write(Path file, byte[] bytes) {
        try {
            Path place = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            Path part = place.resolveSibling(place.getFileName() + UNFINISHED);
            try {
                Files.write(part, bytes);
                move(part, place);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new DemurException(file + ": cannot be written: " + reason(e), e);
        }
    }

    private static void move(Path part, Path place) throws IOException {
        try {
            Files.move(part, place, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(part, place, StandardCopyOption.REPLACE_EXISTING); // a file system that cannot do better
        }
    }

    /** What an exception of a file system, whose message is only a file name, means. */
    public static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such folder";
        }
        if (e instanceof NotDirectoryException) {
            return "a part of the name is no folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        String reason = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return reason == null ? e.toString() : reason;
    }
}
