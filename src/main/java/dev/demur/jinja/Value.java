package dev.demur.jinja;

/** A value of the language, with Python's meaning. */
interface Value {

    /** Python's name of the type, for messages. */
    String type();

    /** Whether it counts as true. */
    boolean truth();
}
