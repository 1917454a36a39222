package dev.demur.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A copy of a packaged library in a folder of its own, which other processes may be about to write, too.
 *
 * <p>Where a file that is in use can be replaced, the copy is written beside its place and moved there. Windows refuses
 * that for a library that some process has loaded, or that a virus scanner looks at because it has just been written: there
 * it is written in its place, by one process at a time.
 *
 * @param source what it is a copy of
 * @param content what its bytes must be
 * @param file where it lies
 * @param inPlace whether files that are in use cannot be replaced
 */
record CachedFile(PackagedLibrary source, LibraryContent content, Path file, boolean inPlace) {

    static final String TEMPORARY = ".part";
    private static final String LOCK = "writing.lock";
    private static final long TRY_AGAIN_MILLISECONDS = 20;

    /** Writes it unless it is there; whether it had to be written. */
    boolean bring() throws IOException {
        if (content.matches(file)) {
            return false;
        }
        PrivateFolder.make(folder());
        if (inPlace) {
            writeInPlace();
        } else {
            writeBeside();
        }
        return true;
    }

    private Path folder() {
        Path folder = file.getParent();
        if (folder == null) {
            throw new IllegalArgumentException(file + " lies in no folder");
        }
        return folder;
    }

    private void writeBeside() throws IOException {
        Path part = Files.createTempFile(folder(), file.getFileName().toString(), TEMPORARY);
        try {
            copyTo(part);
            move(part);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Another process may have put the same bytes there first. */
    private void move(Path part) throws IOException {
        try {
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | AccessDeniedException e) {
            if (!content.matches(file)) {
                throw e;
            }
        }
    }

    private void writeInPlace() throws IOException {
        try (FileChannel channel =
                        FileChannel.open(folder().resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = lock(channel)) {
            // Whoever had the lock before may have written it.
            if (lock.isValid() && !content.matches(file)) {
                copyTo(file);
            }
        }
    }

    /** Java keeps threads and class loaders of one process apart by an exception, and not by waiting. */
    private static FileLock lock(FileChannel channel) throws IOException {
        while (true) {
            try {
                return channel.lock();
            } catch (OverlappingFileLockException e) {
                try {
                    Thread.sleep(TRY_AGAIN_MILLISECONDS);
                } catch (InterruptedException interruption) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted while another thread extracts a library", interruption);
                }
            }
        }
    }

    private void copyTo(Path target) throws IOException {
        try (InputStream in = source.open();
                OutputStream out = Files.newOutputStream(target)) {
            in.transferTo(out);
        }
        if (!content.matches(target)) {
            throw new IOException("the copy of " + source.url() + " is damaged");
        }
    }
}
