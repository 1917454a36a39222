package dev.demur.cli;

import dev.demur.bindings.Settings;
import java.lang.System.Logger.Level;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The loggers of the program: silent, unless {@code DEMUR_LOG} (or {@code demur.log}) names a level, {@code debug} for
 * one, from which on lines go to standard error.
 *
 * <p>Without it the JDK would start java.util.logging, which takes longer than loading a small model. Embedders never see
 * it: it is in the application's jar only.
 */
public final class StderrLoggerFinder extends System.LoggerFinder {

    private final Level level = level(Settings.get("demur.log"));

    /** Called by the JDK, which finds this class as a service. */
    public StderrLoggerFinder() {}

    /** The level of that name; off where there is none of it. */
    static Level level(@Nullable String name) {
        if (name != null) {
            for (Level level : Level.values()) {
                if (level.name().equals(name.toUpperCase(Locale.ROOT))) {
                    return level;
                }
            }
        }
        return Level.OFF;
    }

    @Override
    public System.Logger getLogger(String name, Module module) {
        return new StderrLogger(name, level);
    }
}
