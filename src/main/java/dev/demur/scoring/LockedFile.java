package dev.demur.scoring;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that is open to be written, and locked against every other run, in this process or another.
 *
 * <p>A process loses its lock of a file on POSIX systems by closing any descriptor of it. So one that is open here already
 * is told by its identity, before a second descriptor is opened.
 */
final class LockedFile {

    /** The identities of the files that are open here; also the monitor under which files are opened and closed. */
    private static final Set<Object> OPEN = new HashSet<>();

    /** Second descriptors of files that another class loader's copy of this class holds, whose locks closing would drop. */
    private static final List<RandomAccessFile> NEVER_CLOSED = new ArrayList<>();

    private final Path file;
    private final RandomAccessFile opened;
    private final Object identity;
    private final boolean made;

    private LockedFile(Path file, RandomAccessFile opened, Object identity, boolean made) {
        this.file = file;
        this.opened = opened;
        this.identity = identity;
        this.made = made;
    }

    /**
     * Opens a file, made if there is none, and locks it.
     *
     * @throws ScoreFileException if it is no regular file, or is locked already
     */
    static LockedFile open(Path file) throws IOException {
        synchronized (OPEN) {
            boolean made = make(file);
            Object identity = identity(file);
            if (!Files.isRegularFile(file)) {
                throw new ScoreFileException(file + ": is no file that scores could be written to: name another one");
            }
            if (identity == null || OPEN.contains(identity)) {
                throw inUse(file);
            }
            RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw");
            try {
                if (opened.getChannel().tryLock() == null || !identity.equals(identity(file))) {
                    throw inUse(file); // or deleted by a run that ended without a row
                }
            } catch (OverlappingFileLockException e) {
                NEVER_CLOSED.add(opened);
                throw inUse(file);
            } catch (IOException | RuntimeException e) {
                opened.close();
                throw e;
            }
            OPEN.add(identity);
            return new LockedFile(file, opened, identity, made);
        }
    }

    private static boolean make(Path file) throws IOException {
        if (Files.exists(file)) {
            return false;
        }
        if (Files.isSymbolicLink(file)) {
            throw new ScoreFileException(file + ": is a link that leads nowhere: name another file");
        }
        try {
            Files.createFile(file);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /** What is the same for all names of a file; null where there is none. */
    private static @Nullable Object identity(Path file) throws IOException {
        try {
            Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            return key == null ? file.toRealPath() : key; // systems without one
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static ScoreFileException inUse(Path file) {
        return new ScoreFileException(file + ": is being written by another run: wait for it, or name another file");
    }

    RandomAccessFile opened() {
        return opened;
    }

    /** Closes it, and deletes it before if that is asked for, it was made here and it is empty. */
    void close(boolean deleteEmpty) throws IOException {
        synchronized (OPEN) {
            try (opened) {
                // An interrupt of the thread closes the channel, and then only the file system tells its length.
                if (deleteEmpty && made && Files.exists(file) && Files.size(file) == 0) {
                    Files.deleteIfExists(file);
                }
            } finally {
                OPEN.remove(identity);
            }
        }
    }
}
