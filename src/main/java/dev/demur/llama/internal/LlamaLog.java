package dev.demur.llama.internal;

import dev.demur.bindings.Bindings;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Passes llama.cpp's log on to the {@link System.Logger} named {@code dev.demur.llama}.
 *
 * <p>The lines gather in native memory and are taken after each call that may log. llama.cpp's INFO counts as DEBUG,
 * so that loading a model is silent by default.
 */
public final class LlamaLog {

    /** A line is its level's letter, a space, and the text. */
    private static final int TEXT_AT = 2;

    /**
     * Parts of llama.cpp's warnings about each context that is shorter or longer than the model's longest. It counts the cells that
     * all sequences share, which says nothing of a single one.
     */
    private static final List<String> CHOSEN_BY_THE_CALLER =
            List.of("the full capacity of the model will not be utilized", "possible training context overflow");

    private LlamaLog() {}

    private static final class Holder {
        static final Logger LOGGER = System.getLogger("dev.demur.llama");
    }

    /** Logs what has gathered since the last call, at llama.cpp's levels with INFO as DEBUG. */
    static void drain(Bindings bindings) {
        forEachLine(bindings, (level, text) -> Holder.LOGGER.log(level, text));
    }

    /** Logs a warning. */
    public static void warn(String text) {
        Holder.LOGGER.log(Level.WARNING, text);
    }

    /** Logs what only somebody who looks for it wants to know. */
    public static void note(String text) {
        Holder.LOGGER.log(Level.DEBUG, text);
    }

    /**
     * Takes what has gathered since the last call after a call that failed, and returns its warnings and errors as one
     * line for the exception; all of it is logged as DEBUG, since the exception is what reports the failure.
     */
    static String problems(Bindings bindings) {
        StringBuilder problems = new StringBuilder();
        forEachLine(bindings, (level, text) -> {
            if (level == Level.ERROR || level == Level.WARNING) {
                problems.append(problems.isEmpty() ? "" : "; ").append(text);
            }
            Holder.LOGGER.log(Level.DEBUG, text);
        });
        return problems.toString();
    }

    private static void forEachLine(Bindings bindings, BiConsumer<Level, String> action) {
        while (true) {
            String lines = NativeCallBuffer.text(bindings, bindings::logRead);
            if (lines.isEmpty()) {
                return;
            }
            int start = 0;
            for (int end = lines.indexOf('\n'); end >= 0; end = lines.indexOf('\n', start)) {
                if (end >= start + TEXT_AT) {
                    String text = lines.substring(start + TEXT_AT, end);
                    action.accept(level(lines.charAt(start), text), text);
                }
                start = end + 1;
            }
        }
    }

    private static Level level(char letter, String text) {
        if (CHOSEN_BY_THE_CALLER.stream().anyMatch(text::contains)) {
            return Level.DEBUG;
        }
        return switch (letter) {
            case 'E' -> Level.ERROR;
            case 'W' -> Level.WARNING;
            case 'I' -> Level.DEBUG;
            default -> Level.TRACE;
        };
    }
}
