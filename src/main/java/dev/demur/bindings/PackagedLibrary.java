package dev.demur.bindings;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * A library as the class path has it.
 *
 * <p>A plain jar is opened as the file that it is: Java's own reader of {@code jar:} URLs takes the first {@code !/} for the
 * end of the jar's name, which a folder's name may have in it, too.
 *
 * @param url where the class loader found it
 * @param resource its name on the class path
 */
record PackagedLibrary(URL url, String resource) {

    /** What its bytes must be, by the jar's directory where there is one, which costs no reading. */
    LibraryContent content() throws IOException {
        Path file = jarFile();
        if (file != null) {
            try (JarFile jar = new JarFile(file.toFile())) {
                ZipEntry entry = jar.getEntry(resource);
                if (isTold(entry)) {
                    return new LibraryContent(entry.getCrc(), entry.getSize());
                }
            }
        } else if (url.openConnection() instanceof JarURLConnection connection) {
            // Not the class loader's cached JarFile: closing that one would take the classes away.
            connection.setUseCaches(false);
            JarFile jar = connection.getJarFile();
            try {
                JarEntry entry = connection.getJarEntry();
                if (isTold(entry)) {
                    return new LibraryContent(entry.getCrc(), entry.getSize());
                }
            } finally {
                jar.close();
            }
        }
        try (InputStream in = open()) {
            return LibraryContent.read(in);
        }
    }

    InputStream open() throws IOException {
        Path file = jarFile();
        if (file == null) {
            URLConnection connection = url.openConnection();
            connection.setUseCaches(false);
            return connection.getInputStream();
        }
        JarFile jar = new JarFile(file.toFile());
        ZipEntry entry = jar.getEntry(resource);
        if (entry == null) {
            jar.close();
            throw new IOException(file + " has no " + resource);
        }
        return new FilterInputStream(jar.getInputStream(entry)) {
            @Override
            public void close() throws IOException {
                jar.close();
            }
        };
    }

    private static boolean isTold(@Nullable ZipEntry entry) {
        return entry != null && entry.getCrc() >= 0 && entry.getSize() >= 0;
    }

    /** The jar, where it is a file of its own and not inside another one, or something else altogether. */
    private @Nullable Path jarFile() {
        String name = url.toString();
        String begin = "jar:file:";
        String end = "!/" + resource;
        if (!name.startsWith(begin) || !name.endsWith(end)) {
            return null;
        }
        try {
            Path file = Path.of(URI.create(name.substring("jar:".length(), name.length() - end.length())));
            return Files.isRegularFile(file) ? file : null;
        } catch (IllegalArgumentException e) {
            return null; // characters that no URI has: Java's own reader may know what to do with them
        }
    }
}
