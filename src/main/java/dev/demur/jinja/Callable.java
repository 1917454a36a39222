package dev.demur.jinja;

/** What can be called: a macro, a function, or a method of a value. */
interface Callable extends Value {

    /** The name that a message gives it. */
    String name();

    Value call(Run run, Arguments arguments);

    @Override
    default String type() {
        return "function";
    }

    @Override
    default boolean truth() {
        return true;
    }
}
