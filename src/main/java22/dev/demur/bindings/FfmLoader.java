package dev.demur.bindings;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Opens the FFM binding; this is the class for Java 22 and later. */
final class FfmLoader {

    private static @Nullable SymbolLookup library;

    private FfmLoader() {}

    @SuppressWarnings("restricted") // Loading a library is the purpose of this class.
    static synchronized Bindings load(Path file) {
        try {
            if (library == null) {
                library = SymbolLookup.libraryLookup(file, Arena.global());
            }
            return new FfmBindings();
        } catch (IllegalCallerException e) {
            throw new NativeLoadException(NativeLibraries.NATIVE_ACCESS_DENIED, e);
        } catch (IllegalArgumentException e) {
            throw NativeLibraries.notLoadable(file, e);
        } catch (ExceptionInInitializerError e) {
            throw new NativeLoadException(file + " is no libdemur of this version: " + e.getCause(), e.getCause());
        }
    }

    static SymbolLookup library() {
        return Objects.requireNonNull(library, "FfmLoader.load comes first");
    }
}
