package dev.demur.cli.files;

import dev.demur.DemurException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a name in the file system stands for; reading it may be possible once only, or never end. */
public enum FileKind {
    MISSING,
    FILE,
    FOLDER,
    /** Gives its bytes once. */
    PIPE,
    /** A terminal or another device. */
    DEVICE;

    private static final int MOST_LINKS = 40;
    private static final int TYPE = 0170000;
    private static final int PIPE_TYPE = 0010000;
    private static final int SOCKET_TYPE = 0140000;

    public static FileKind of(Path path) {
        if (Files.isRegularFile(path)) {
            return FILE;
        }
        if (Files.isDirectory(path)) {
            return FOLDER;
        }
        if (!Files.exists(path)) {
            return MISSING;
        }
        try {
            int type = (Integer) Files.getAttribute(path, "unix:mode") & TYPE;
            return type == PIPE_TYPE || type == SOCKET_TYPE ? PIPE : DEVICE;
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return DEVICE; // a system without modes, or what cannot even be looked at
        }
    }

    /**
     * Checks that a file can be written there, and others beside it.
     *
     * @throws DemurException saying why not, and what to do
     */
    public static void requireWritable(Path path) {
        switch (of(path)) {
            case FOLDER -> throw new DemurException(path + ": is a folder: name a file in it");
            case PIPE, DEVICE ->
                throw new DemurException(path + ": is a pipe, a terminal or another device, and no file: name a file");
            case MISSING -> {
                Path folder = path.toAbsolutePath().getParent();
                if (folder == null || !Files.isDirectory(folder)) {
                    throw new DemurException(path + ": there is no folder " + folder + ": make it first");
                }
            }
            default -> {}
        }
        if (isDescriptor(path)) {
            throw new DemurException(
                    path + ": is an open file of this process, as /dev/stdout is: name the file itself");
        }
    }

    /** Whether two names are of one file. */
    public static boolean isSame(Path a, Path b) {
        try {
            return Files.exists(a) && Files.exists(b) && Files.isSameFile(a, b);
        } catch (IOException e) {
            return a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize());
        }
    }

    /** Whether it leads to a file of this process by way of a link of the system's, beside which nothing can lie. */
    private static boolean isDescriptor(Path path) {
        Path place = path.toAbsolutePath().normalize();
        for (int i = 0; i < MOST_LINKS; i++) {
            if (place.startsWith("/proc") || place.startsWith("/dev/fd")) {
                return true;
            }
            if (!Files.isSymbolicLink(place)) {
                return false;
            }
            try {
                place = place.resolveSibling(Files.readSymbolicLink(place)).normalize();
            } catch (IOException e) {
                return false;
            }
        }
        return false;
    }
}
