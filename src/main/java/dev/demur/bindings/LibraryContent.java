package dev.demur.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.zip.CRC32;

/** What a library's bytes must be: their checksum and size. */
record LibraryContent(long crc, long size) {

    private static final int BUFFER = 1 << 16;

    /** Whether {@code file} is a plain file with these bytes. */
    boolean matches(Path file) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return false;
        }
        if (!attributes.isRegularFile() || attributes.size() != size) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return read(in).crc == crc;
        }
    }

    static LibraryContent read(InputStream in) throws IOException {
        CRC32 crc = new CRC32();
        long size = 0;
        byte[] buffer = new byte[BUFFER];
        for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
            crc.update(buffer, 0, n);
            size += n;
        }
        return new LibraryContent(crc.getValue(), size);
    }
}
