package dev.demur.bindings;

import dev.demur.NativeLoadException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a setting: the system property, else the environment variable of the same name in capitals. */
public final class Settings {

    private Settings() {}

    /**
     * The value of {@code property}, such as {@code demur.native.dir}, or of its variable, {@code DEMUR_NATIVE_DIR};
     * null if neither is set or what is set is blank.
     */
    public static @Nullable String get(String property) {
        String value = System.getProperty(property);
        if (value == null || value.isBlank()) {
            value = System.getenv(property.toUpperCase(Locale.ROOT).replace('.', '_'));
        }
        return value == null || value.isBlank() ? null : value;
    }

    /**
     * The same as a path.
     *
     * @throws NativeLoadException if what is set is none
     */
    public static @Nullable Path path(String property) {
        String value = get(property);
        try {
            return value == null ? null : Path.of(value);
        } catch (InvalidPathException e) {
            throw new NativeLoadException(
                    property + " is '" + value
                            + "', which is no file name in this locale: set LC_ALL to one with UTF-8,"
                            + " or name another file",
                    e);
        }
    }
}
