package dev.demur.desktop.model;

import java.nio.file.Path;

/** Where the application is with its model. */
public sealed interface ModelState {

    /** There is none. */
    record None() implements ModelState {}

    /**
     * One is being loaded.
     *
     * @param progress from 0 to 1
     */
    record Loading(Path file, double progress) implements ModelState {}

    /** One is there. */
    record Ready(ModelSession session) implements ModelState {}

    /** It could not be loaded. */
    record Failed(Path file, String problem) implements ModelState {}
}
