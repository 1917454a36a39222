package dev.demur.bindings;

import java.nio.file.Path;

/** Opens the FFM binding; this is the class for Java 17 to 21, which have no foreign-function interface. */
final class FfmLoader {

    private FfmLoader() {}

    @SuppressWarnings("DoNotCallSuggester") // The twin for Java 22, which takes its place in the jar, does load.
    static Bindings load(Path library) {
        throw new NativeLoadException("the FFM binding needs Java 22 or later and this is Java "
                + Runtime.version().feature() + ": run on a later Java, or choose -Ddemur.binding=jni");
    }
}
