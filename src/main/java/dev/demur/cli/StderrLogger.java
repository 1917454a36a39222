package dev.demur.cli;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** Writes what is at its level or above to standard error, a line each. */
final class StderrLogger implements System.Logger {

    private final String name;
    private final Level lowest;

    StderrLogger(String name, Level lowest) {
        this.name = name;
        this.lowest = lowest;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public boolean isLoggable(Level level) {
        return lowest != Level.OFF && level.getSeverity() >= lowest.getSeverity();
    }

    @Override
    public void log(
            Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {
        if (isLoggable(level)) {
            boolean warning = level == Level.WARNING; // as the commands write theirs
            System.err.println((warning ? "demur: warning: " : level + " " + name + ": ") + message);
            if (thrown != null) {
                thrown.printStackTrace();
            }
        }
    }

    @Override
    public void log(
            Level level, @Nullable ResourceBundle bundle, @Nullable String format, @Nullable Object... parameters) {
        if (isLoggable(level)) {
            boolean plain = format == null || parameters == null || parameters.length == 0;
            log(level, bundle, plain ? format : MessageFormat.format(format, parameters), (Throwable) null);
        }
    }
}
