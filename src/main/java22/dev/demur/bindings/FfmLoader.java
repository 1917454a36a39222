package dev.demur.bindings;

import dev.demur.NativeLoadException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Opens the FFM binding; this is the class for Java 22 and later. */
final class FfmLoader {

    private static @Nullable SymbolLookup library;

    private FfmLoader() {}

    /** Whether this is the class that does load. */
    static boolean isActive() {
        return true;
    }

    @SuppressWarnings("restricted") // Loading a library is the purpose of this class.
    static synchronized Bindings load(Path file) {
        try {
            if (library == null) {
                library = SymbolLookup.libraryLookup(file, Arena.global());
            }
            return new FfmBindings();
        } catch (IllegalCallerException e) {
            throw NativeLibraries.nativeAccessDenied(e);
        } catch (IllegalArgumentException e) {
            throw NativeLibraries.notLoadable(file, e);
        } catch (ExceptionInInitializerError e) {
            throw new NativeLoadException(file + " is no libdemur of this version: " + e.getCause(), e.getCause());
        }
    }

    /** A handle of a function of the library that was loaded; J is an address or a long. */
    @SuppressWarnings("restricted") // Calling C is the purpose of this class.
    static MethodHandle function(String name, String descriptor) {
        MethodType type = MethodType.fromMethodDescriptorString(descriptor, null);
        MemoryLayout[] arguments = new MemoryLayout[type.parameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = layout(type.parameterType(i));
        }
        FunctionDescriptor function = type.returnType() == void.class
                ? FunctionDescriptor.ofVoid(arguments)
                : FunctionDescriptor.of(layout(type.returnType()), arguments);
        MemorySegment address = Objects.requireNonNull(library, "FfmLoader.load comes first")
                .find(name)
                .orElseThrow(() -> new NoSuchElementException("it has no function " + name));
        return Linker.nativeLinker().downcallHandle(address, function);
    }

    private static MemoryLayout layout(Class<?> type) {
        if (type == int.class) {
            return ValueLayout.JAVA_INT;
        }
        return type == long.class ? ValueLayout.JAVA_LONG : ValueLayout.JAVA_DOUBLE;
    }
}
