package dev.demur.bindings;

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
}
