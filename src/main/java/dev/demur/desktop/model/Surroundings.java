package dev.demur.desktop.model;

import org.jspecify.annotations.Nullable;

/**
 * What the application that opens the window brings beside the library.
 *
 * @param promptFiles opens labelled prompts
 * @param server has other programs ask; null: there is none, and the window does not speak of it
 */
public record Surroundings(
        PromptFiles promptFiles, @Nullable LocalServer server) {

    /** The library alone. */
    public static final Surroundings LIBRARY = new Surroundings(PromptFiles.JSON_LINES, null);
}
