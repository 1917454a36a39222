package dev.demur.cli;

import dev.demur.bindings.Settings;
import dev.demur.readout.internal.ReadoutFinder;
import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The loggers of the program: silent but for warnings of a readout that does not fit, unless {@code DEMUR_LOG} (or {@code demur.log}) names a level, {@code debug} for
 * one, from which on lines go to standard error.
 *
 * <p>Without it the JDK would start java.util.logging, which takes longer than loading a small model. Embedders never see
 * it: it is in the application's jar only.
 */
public final class StderrLoggerFinder extends System.LoggerFinder {

    private static final String SETTING = "demur.log";

    private final Level level = level(Settings.get(SETTING));

    /** Called by the JDK, which finds this class as a service. */
    public StderrLoggerFinder() {}

    /** What is wrong with the level that is set; null where nothing is. */
    static @Nullable String problem() {
        String name = Settings.get(SETTING);
        if (name == null || named(name) != null) {
            return null;
        }
        StringJoiner names = new StringJoiner(", ");
        for (Level level : Level.values()) {
            names.add(level.name().toLowerCase(Locale.ROOT));
        }
        return "DEMUR_LOG (or demur.log) is '" + name + "' and nothing is logged: it must be one of " + names;
    }

    /** The level of that name; off where there is none of it. */
    static Level level(@Nullable String name) {
        Level level = name == null ? null : named(name);
        return level == null ? Level.OFF : level;
    }

    private static @Nullable Level named(String name) {
        for (Level level : Level.values()) {
            if (level.name().equals(name.toUpperCase(Locale.ROOT))) {
                return level;
            }
        }
        return null;
    }

    @Override
    public System.Logger getLogger(String name, Module module) {
        boolean readout = name.equals(ReadoutFinder.LOGGER);
        return new StderrLogger(name, level == Level.OFF && readout ? Level.WARNING : level);
    }
}
