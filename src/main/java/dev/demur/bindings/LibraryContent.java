package dev.demur.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.CRC32;

/**
 * What a library's bytes must be: the checksum and size that the jar's directory states, which costs no reading, else
 * those of the resource's bytes.
 */
record LibraryContent(long crc, long size) {

    private static final int BUFFER = 1 << 16;

    static LibraryContent of(URL url) throws IOException {
        URLConnection connection = url.openConnection();
        if (connection instanceof JarURLConnection jar) {
            // Not the class loader's cached JarFile: closing that one would take the classes away.
            jar.setUseCaches(false);
            JarFile file = jar.getJarFile();
            try {
                JarEntry entry = jar.getJarEntry();
                if (entry.getCrc() >= 0 && entry.getSize() >= 0) {
                    return new LibraryContent(entry.getCrc(), entry.getSize());
                }
            } finally {
                file.close();
            }
        }
        try (InputStream in = open(url)) {
            return read(in);
        }
    }

    static InputStream open(URL url) throws IOException {
        URLConnection connection = url.openConnection();
        connection.setUseCaches(false);
        return connection.getInputStream();
    }

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

    private static LibraryContent read(InputStream in) throws IOException {
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
