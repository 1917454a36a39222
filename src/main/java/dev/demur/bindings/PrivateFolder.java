package dev.demur.bindings;

import dev.demur.NativeLoadException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryFlag;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Folders that only this process's user may write to: whoever can, decides what code this process runs. */
final class PrivateFolder {

    private PrivateFolder() {}

    /** Makes the folder, closed to others from its first moment: another process may look at it before this one is done. */
    static void make(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createDirectory(folder, closed(parent == null ? folder.toAbsolutePath() : parent));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
    }

    private static FileAttribute<?>[] closed(Path parent) throws IOException {
        if (isPosix(parent)) {
            return new FileAttribute<?>[] {
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
            };
        }
        return parent.getFileSystem().supportedFileAttributeViews().contains("acl")
                ? new FileAttribute<?>[] {new OwnersAlone(ownersAlone())}
                : new FileAttribute<?>[0];
    }

    /** Windows' way of closing a folder: the one entry of its list allows all to its owner, for what is put into it, too. */
    private record OwnersAlone(List<AclEntry> value) implements FileAttribute<List<AclEntry>> {
        @Override
        public String name() {
            return "acl:acl";
        }
    }

    private static List<AclEntry> ownersAlone() throws IOException {
        UserPrincipal owner = ProcessOwner.principal();
        return List.of(AclEntry.newBuilder()
                .setType(AclEntryType.ALLOW)
                .setPrincipal(owner)
                .setPermissions(EnumSet.allOf(AclEntryPermission.class))
                .setFlags(AclEntryFlag.FILE_INHERIT, AclEntryFlag.DIRECTORY_INHERIT)
                .build());
    }

    /**
     * Refuses a folder that others may write to. Windows is not asked: what belongs to a user there is closed to others
     * unless somebody opened it, and its lists name groups in the system's language.
     */
    static void require(Path folder) throws IOException {
        if (!isPosix(folder)) {
            return;
        }
        PosixFileAttributes attributes = Files.readAttributes(folder, PosixFileAttributes.class);
        Set<PosixFilePermission> permissions = attributes.permissions();
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new NativeLoadException(folder + " can be written to by other users: close it (chmod go-w)"
                    + " or set -Ddemur.native.dir to a private folder");
        }
        if (!ProcessOwner.owns(folder)) {
            throw new NativeLoadException(
                    folder + " belongs to " + attributes.owner().getName()
                            + " and not to the user of this process: set -Ddemur.native.dir to a private folder");
        }
    }

    static boolean isPosix(Path folder) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
