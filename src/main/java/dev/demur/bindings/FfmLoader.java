package dev.demur.bindings;

import dev.demur.NativeLoadException;
import java.nio.file.Path;

/**
 * Opens the FFM binding; this is the class for Java 17 to 21, which have no foreign-function interface. Later ones see it,
 * too, where they do not look for the classes of a later Java: outside of a jar, and in one whose manifest lost the line
 * {@code Multi-Release: true}.
 */
final class FfmLoader {

    private FfmLoader() {}

    /** Whether this is the class that does load. */
    static boolean isActive() {
        return false;
    }

    @SuppressWarnings("DoNotCallSuggester") // The twin for Java 22, which takes its place in the jar, does load.
    static Bindings load(Path library) {
        int java = Runtime.version().feature();
        if (java < Native.FIRST_JAVA_WITH_FFM) {
            throw new NativeLoadException("the FFM binding needs Java 22 or later and this is Java " + java
                    + ": run on a later Java, or choose -Ddemur.binding=jni");
        }
        throw new NativeLoadException(
                "the FFM binding is not active: " + Native.INACTIVE + "; add that line, or choose -Ddemur.binding=jni");
    }
}
