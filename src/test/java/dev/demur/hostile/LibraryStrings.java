package dev.demur.hostile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What a llama.cpp library may know by name: the texts of its read-only data that look like it. */
final class LibraryStrings {

    private static final Pattern ARCHITECTURE = Pattern.compile("[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*");
    private static final Pattern KEY = Pattern.compile("%s\\.([a-z0-9_]+(?:\\.[a-z0-9_]+)*)");
    private static final int MOST = 64;

    private final List<String> strings = new ArrayList<>();

    /** Those of a library's file. */
    LibraryStrings(byte[] library) {
        int start = 0;
        for (int i = 0; i < library.length; i++) {
            if (library[i] == 0) {
                if (i > start && i - start <= MOST) {
                    strings.add(new String(library, start, i - start, StandardCharsets.ISO_8859_1));
                }
                start = i + 1;
            }
        }
    }

    /** Names that could be an architecture's. A linker lets a name share the end of a longer one. */
    List<String> architectures(Predicate<String> isKnown) {
        TreeSet<String> known = new TreeSet<>();
        for (String name : new TreeSet<>(strings)) {
            if (name.length() > 2
                    && name.length() < 32
                    && ARCHITECTURE.matcher(name).matches()
                    && isKnown.test(name)) {
                known.add(name);
            }
        }
        for (String name : Architectures.NAMES) {
            if (!known.contains(name) && isKnown.test(name)) {
                known.add(name);
            }
        }
        return List.copyOf(known);
    }

    /** The keys under an architecture's name. */
    List<String> keys() {
        TreeSet<String> keys = new TreeSet<>(Architectures.KEYS);
        for (String text : strings) {
            var matcher = KEY.matcher(text);
            if (matcher.matches()) {
                keys.add(matcher.group(1));
            }
        }
        return List.copyOf(keys);
    }
}
