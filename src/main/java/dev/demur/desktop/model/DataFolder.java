package dev.demur.desktop.model;

import dev.demur.DemurException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The application's own folder, for this user and for one window at a time. */
public final class DataFolder implements AutoCloseable {

    private final Path folder;
    private final FileChannel channel;
    private final FileLock lock;

    private DataFolder(Path folder, FileChannel channel, FileLock lock) {
        this.folder = folder;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Opens the folder, and makes it if it is not there.
     *
     * @throws DemurException if another window has it open, or it cannot be written
     */
    public static DataFolder open(Path folder, Texts texts) {
        try {
            PrivateFiles.createFolder(folder);
            FileChannel channel = PrivateFiles.append(folder.resolve("lock"));
            FileLock lock = lock(channel);
            if (lock == null) {
                channel.close();
                throw new DemurException(texts.get("folder.open", folder));
            }
            return new DataFolder(folder, channel, lock);
        } catch (IOException e) {
            throw new DemurException(texts.get("folder.unwritable", folder, e), e);
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** Where this system keeps what applications remember of a user. */
    public static Path usual() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        Path home = Path.of(System.getProperty("user.home", ""));
        if (system.startsWith("windows")) {
            String local = System.getenv("LOCALAPPDATA");
            return (local == null ? home.resolve("AppData/Local") : Path.of(local)).resolve("Demur");
        }
        if (system.startsWith("mac")) {
            return home.resolve("Library/Application Support/Demur");
        }
        String data = System.getenv("XDG_DATA_HOME");
        boolean given = data != null && Path.of(data).isAbsolute();
        return (given ? Path.of(data) : home.resolve(".local/share")).resolve("demur-desktop");
    }

    /** The folder. */
    public Path path() {
        return folder;
    }

    @Override
    public void close() {
        try {
            lock.release();
            channel.close();
        } catch (IOException e) {
            throw new IllegalStateException(folder + ": cannot be given back: " + e, e);
        }
    }
}
