package dev.demur.jinja;

import java.util.List;

/** What a loop goes over. */
final class Iteration {

    private Iteration() {}

    /** The items of a value: a text's characters, a mapping's keys; a stream's are gone then. */
    static List<Value> over(Run run, Value value) {
        if (value instanceof Items items) {
            return items.items();
        }
        if (value instanceof Text text) {
            return text.characters(run);
        }
        if (value instanceof Dict dict) {
            return dict.keys(run);
        }
        if (value instanceof Stream stream) {
            return stream.rest();
        }
        if (value instanceof Undefined) {
            return List.of();
        }
        if (value instanceof Loop loop) {
            return loop.rest();
        }
        throw Failure.value("a " + value.type() + " cannot be iterated over");
    }

    static boolean possible(Value value) {
        return value instanceof Items
                || value instanceof Text
                || value instanceof Dict
                || value instanceof Stream
                || value instanceof Loop
                || value instanceof Undefined;
    }

    /** The number of items, or of a text's characters. */
    static int length(Run run, Value value) {
        if (value instanceof Items items) {
            return items.items().size();
        }
        if (value instanceof Text text) {
            run.walk(text.length());
            return text.points();
        }
        if (value instanceof Dict dict) {
            return dict.size();
        }
        if (value instanceof Loop loop) {
            return loop.length();
        }
        if (value instanceof Undefined) {
            return 0;
        }
        throw Failure.value("a " + value.type() + " has no length");
    }
}
