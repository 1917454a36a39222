package dev.demur.bindings;

import dev.demur.NativeLoadException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A llama.cpp that an artifact {@code demur-llama-*} has on the class path: several libraries that belong together, and an
 * index of them, whose lines are a word and a value.
 *
 * <pre>
 * format 1
 * origin NAME VERSION of the package that it was taken from
 * version of llama.cpp
 * library the file to open
 * cpu the features that it needs of the processor, as Demur names them
 * file CRC32 (hexadecimal) SIZE NAME
 * </pre>
 *
 * @param content what the index is made of, which names the folder that the libraries are extracted into
 * @param origin where it comes from, for people
 * @param library the name of the file to open
 * @param cpuFeatures what the processor must have, as bits of {@code demur.h}
 * @param parts all of its files
 */
record PackagedLlama(LibraryContent content, String origin, String library, long cpuFeatures, List<Part> parts) {

    private static final String FORMAT = "1";

    /** In the order of the bits of {@code demur.h}. */
    private static final List<String> FEATURES = List.of("avx2", "fma", "f16c", "bmi2", "avx512", "neon");

    private static final int FILE_FIELDS = 3;
    private static final int HEXADECIMAL = 16;

    /**
     * One of its files.
     *
     * @param library where the class path has it
     * @param content what its bytes must be
     */
    record Part(PackagedLibrary library, LibraryContent content) {}

    /** The one for {@code platform}; null where the class path has none. */
    static @Nullable PackagedLlama find(Platform platform, ClassLoader loader) {
        String index = platform.llamaIndexResource();
        URL url = loader.getResource(index);
        if (url == null) {
            return null;
        }
        try (InputStream in = new PackagedLibrary(url, index).open()) {
            return read(in.readAllBytes(), url, index, loader);
        } catch (IOException e) {
            throw new NativeLoadException("cannot read " + url + ": " + e.getMessage(), e);
        }
    }

    private static PackagedLlama read(byte[] bytes, URL url, String index, ClassLoader loader) throws IOException {
        String folder = index.substring(0, index.lastIndexOf('/') + 1);
        Map<String, String> values = new HashMap<>();
        List<Part> parts = new ArrayList<>();
        for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
            int space = line.indexOf(' ');
            String word = space < 0 ? line : line.substring(0, space);
            String value = space < 0 ? "" : line.substring(space + 1);
            if (word.equals("file")) {
                parts.add(part(value, url, index, loader));
            } else {
                values.put(word, value);
            }
        }
        String library = values.getOrDefault("library", "");
        if (!FORMAT.equals(values.get("format"))) {
            throw damaged(index, "its format is " + values.get("format") + " and not " + FORMAT);
        }
        if (parts.stream().noneMatch(part -> part.library().resource().equals(folder + library))) {
            throw damaged(index, "it has no file '" + library + "'");
        }
        return new PackagedLlama(
                LibraryContent.read(new ByteArrayInputStream(bytes)),
                values.getOrDefault("origin", "unknown") + ", llama.cpp " + values.getOrDefault("version", "unknown"),
                library,
                features(values.getOrDefault("cpu", ""), index),
                List.copyOf(parts));
    }

    private static Part part(String value, URL indexUrl, String index, ClassLoader loader) throws IOException {
        String[] fields = value.split(" ", FILE_FIELDS);
        if (fields.length != FILE_FIELDS || !fields[2].matches("[A-Za-z0-9._-]+")) {
            throw damaged(index, "it has a line 'file " + value + "'");
        }
        String resource = index.substring(0, index.lastIndexOf('/') + 1) + fields[2];
        String beside = indexUrl.toString().substring(0, indexUrl.toString().lastIndexOf('/') + 1) + fields[2];
        // Another version of the artifact may be on the class path, too.
        URL url = Collections.list(loader.getResources(resource)).stream()
                .filter(found -> found.toString().equals(beside))
                .findFirst()
                .orElseThrow(() -> damaged(index, "there is no " + fields[2] + " beside it"));
        try {
            LibraryContent content =
                    new LibraryContent(Long.parseLong(fields[0], HEXADECIMAL), Long.parseLong(fields[1]));
            return new Part(new PackagedLibrary(url, resource), content);
        } catch (NumberFormatException e) {
            throw damaged(index, "it has a line 'file " + value + "'");
        }
    }

    private static long features(String names, String index) {
        long bits = 0;
        for (String name : names.isBlank() ? List.<String>of() : List.of(names.split(" "))) {
            int bit = FEATURES.indexOf(name);
            if (bit < 0) {
                throw damaged(index, "it asks for the unknown CPU feature '" + name + "'");
            }
            bits |= 1L << bit;
        }
        return bits;
    }

    private static NativeLoadException damaged(String index, String what) {
        return new NativeLoadException("the artifact demur-llama on the class path is damaged: in " + index + " " + what
                + ": take it anew, in the same version as Demur");
    }
}
