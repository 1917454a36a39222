package dev.demur.bindings;

import dev.demur.NativeLoadException;
import java.nio.file.Path;

/**
 * The binding that this process uses.
 *
 * <p>The system property {@code demur.binding} or the environment variable {@code DEMUR_BINDING} says which, {@code
 * jni} or {@code ffm}; without them it is FFM on Java 22 and later and JNI before, and also where the classes for Java 22
 * are not active (then the logger {@code dev.demur.bindings} says so at DEBUG). What was chosen is used or fails
 * with the reason: there is no falling back from one to the other. {@code demur.library} (or {@code DEMUR_LIBRARY})
 * names a libdemur to load in place of the one inside the jar.
 */
public final class Native {

    /** The version of {@code demur.h} that the Java side was written for. */
    private static final int API_VERSION = 12;

    static final int FIRST_JAVA_WITH_FFM = 22;

    /** Why a Java with a foreign-function interface does not see the classes that use it. */
    static final String INACTIVE =
            "the classes for Java 22 are seen only in a jar whose manifest says 'Multi-Release: true',"
                    + " which shading tools leave out unless they are told";

    private Native() {}

    /**
     * The binding, loaded on first use.
     *
     * @throws NativeLoadException if it cannot be loaded; each later call throws again, with the same message
     */
    public static Bindings bindings() {
        return Holder.get();
    }

    /** Loads on first use, and keeps a failure so that the cause is not lost on the second attempt. */
    private static final class Holder {

        private static final Object RESULT = load();

        private static Object load() {
            try {
                return open();
            } catch (NativeLoadException e) {
                return e;
            }
        }

        static Bindings get() {
            if (RESULT instanceof Bindings bindings) {
                return bindings;
            }
            NativeLoadException failure = (NativeLoadException) RESULT;
            throw new NativeLoadException(String.valueOf(failure.getMessage()), failure);
        }
    }

    private static Bindings open() {
        String choice = Settings.get("demur.binding");
        Path library = NativeLibraries.libdemur();
        Bindings bindings;
        if (choice == null) {
            bindings = FfmLoader.isActive() ? FfmLoader.load(library) : jni(library);
            noteInactive();
        } else {
            bindings = switch (choice) {
                case "ffm" -> FfmLoader.load(library);
                case "jni" -> jni(library);
                default -> throw new NativeLoadException("demur.binding is '" + choice + "': it must be jni or ffm");
            };
        }
        int version = apiVersion(bindings, library);
        if (version != API_VERSION) {
            throw new NativeLoadException(library + " has version " + version + " of the C API and this jar needs "
                    + API_VERSION + ": use the libdemur that was built with the jar");
        }
        return bindings;
    }

    private static void noteInactive() {
        if (!FfmLoader.isActive() && Runtime.version().feature() >= FIRST_JAVA_WITH_FFM) {
            System.getLogger("dev.demur.bindings")
                    .log(System.Logger.Level.DEBUG, "JNI is used and not FFM: {0}", INACTIVE);
        }
    }

    private static Bindings jni(Path library) {
        try {
            return JniBindings.load(library);
        } catch (UnsatisfiedLinkError e) {
            throw NativeLibraries.notLoadable(library, e);
        } catch (IllegalCallerException | ExceptionInInitializerError e) {
            throw NativeLibraries.nativeAccessDenied(e);
        }
    }

    /** The first call: through JNI this is where a library without the functions shows itself. */
    private static int apiVersion(Bindings bindings, Path library) {
        try {
            return bindings.apiVersion();
        } catch (UnsatisfiedLinkError e) {
            String given = bindings.getClass().getName();
            // In pieces, or a tool that renames classes would rename it here, too.
            String own = String.join(".", "dev", "demur", "bindings", "JniBindings");
            throw new NativeLoadException(
                    given.equals(own)
                            ? library + " is no libdemur: " + e.getMessage()
                            : own + " was renamed to " + given + ", by which libdemur does not know it:"
                                    + " leave Demur's packages out of the relocation",
                    e);
        }
    }
}
