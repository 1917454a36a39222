package dev.demur.spark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/**
 * One copy of a file for all executors of a user on a machine. Spark gives each executor a copy of its own, and copies that are
 * mapped do not share memory.
 *
 * <p>A copy is named by its content. It gets its name when it is whole, so that no executor sees a half of it, whenever another is
 * killed.
 */
final class SharedFile {

    /** Names another folder, which is made if there is none; its parent must be there. */
    static final String PROPERTY = "demur.spark.shared";

    private static final String PREFIX = "demur-shared-";
    private static final int BUFFER = 1 << 20;

    private SharedFile() {}

    /** The place of the machine's copy, made if there is none. */
    static Path of(Path own) throws IOException {
        return of(own, folder());
    }

    static Path of(Path own, Path folder) throws IOException {
        requirePrivate(folder);
        Path shared = folder.resolve(hash(own) + suffix(own));
        if (Files.isRegularFile(shared, LinkOption.NOFOLLOW_LINKS) && Files.size(shared) == Files.size(own)) {
            return shared;
        }
        Path part = Files.createTempFile(folder, "copy-", ".part");
        try {
            Files.copy(own, part, StandardCopyOption.REPLACE_EXISTING);
            move(part, shared);
        } finally {
            Files.deleteIfExists(part);
        }
        return shared;
    }

    private static void move(Path part, Path shared) throws IOException {
        try {
            Files.move(part, shared, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(part, shared, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** GGUF files are told by their endings in messages. */
    private static String suffix(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot);
    }

    private static Path folder() throws IOException {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"), PREFIX + System.getProperty("user.name"));
        String given = System.getProperty(PROPERTY);
        Path shared = given == null ? shared(folder) : Path.of(given);
        try {
            Files.createDirectory(
                    shared, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            return shared; // of another executor; whose it is, is checked
        } catch (UnsupportedOperationException e) {
            Files.createDirectories(shared); // a system without POSIX permissions
        }
        return shared;
    }

    /** Spark may give each executor a temporary folder of its own; this one is the machine's. */
    private static Path shared(Path folder) {
        Path machine = Path.of("/tmp");
        return Files.isDirectory(machine) && Files.isWritable(machine) ? machine.resolve(folder.getFileName()) : folder;
    }

    /** Whoever could write there could give every executor another model. */
    private static void requirePrivate(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(folder.toString(), null, "is no folder; delete it");
        }
        Path probe =
                Files.createTempFile(folder, "probe-", null); // a user's name need not be the owner's, as in containers
        try {
            Set<PosixFilePermission> rights = Files.getPosixFilePermissions(folder);
            boolean open = rights.contains(PosixFilePermission.GROUP_WRITE)
                    || rights.contains(PosixFilePermission.OTHERS_WRITE);
            if (open || !Files.getOwner(folder).equals(Files.getOwner(probe))) {
                throw new FileSystemException(
                        folder.toString(), null, "is another user's, or others may write there; delete it");
            }
        } catch (UnsupportedOperationException e) {
            return; // a system without POSIX permissions, whose temporary folders are private
        } finally {
            Files.delete(probe);
        }
    }

    private static String hash(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            while (in.read(buffer) >= 0) {
                continue; // until the end
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
