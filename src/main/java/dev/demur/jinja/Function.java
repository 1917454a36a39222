package dev.demur.jinja;

/**
 * A function that is built in, or a method bound to its value.
 *
 * @param name what messages call it
 * @param body what it does
 */
record Function(String name, Body body) implements Callable {

    /** What a function does. */
    interface Body {
        Value call(Run run, Arguments arguments);
    }

    @Override
    public Value call(Run run, Arguments arguments) {
        return body.call(run, arguments);
    }
}
