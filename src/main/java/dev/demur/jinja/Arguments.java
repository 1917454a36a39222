package dev.demur.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of one call.
 *
 * @param function what messages call what is called
 * @param positional in order
 * @param named by name, in order
 * @param names the names that came from a mapping, which may be a message's text
 */
record Arguments(String function, List<Value> positional, Map<String, Value> named, Map<String, Text> names) {

    /** These without the first ones. */
    Arguments from(String newFunction, int first) {
        return new Arguments(newFunction, positional.subList(first, positional.size()), named, names);
    }

    /** The named arguments as a mapping. */
    Dict mapping(Run run) {
        Dict dict = new Dict();
        named.forEach((name, value) -> dict.put(run, names.getOrDefault(name, Text.of(name)), value));
        return dict;
    }

    /** The arguments in the order of these names, of which the first {@code required} must be there; null where none is. */
    Bound bind(int required, String... names) {
        if (positional.size() > names.length) {
            throw Failure.value(
                    function + " takes at most " + names.length + " arguments and got " + positional.size());
        }
        List<@Nullable Value> bound = new ArrayList<>(positional);
        while (bound.size() < names.length) {
            bound.add(null);
        }
        Map<String, Value> left = new LinkedHashMap<>(named);
        for (int i = 0; i < names.length; i++) {
            Value value = left.remove(names[i]);
            if (value != null) {
                if (bound.get(i) != null) {
                    throw Failure.value(function + " got its argument '" + names[i] + "' twice");
                }
                bound.set(i, value);
            }
            if (i < required && bound.get(i) == null) {
                throw Failure.value(function + " needs its argument '" + names[i] + "'");
            }
        }
        if (!left.isEmpty()) {
            throw Failure.value(
                    function + " has no argument '" + left.keySet().iterator().next() + "'");
        }
        return new Bound(function, names, bound);
    }

    /**
     * Arguments in the order of a function's parameters.
     *
     * @param function what messages call what is called
     * @param names its parameters
     * @param values one each, null where there is none
     */
    record Bound(String function, String[] names, List<@Nullable Value> values) {

        boolean has(int i) {
            return values.get(i) != null;
        }

        Value get(int i) {
            Value value = values.get(i);
            if (value == null) {
                throw Failure.value(function + " needs its argument '" + names[i] + "'");
            }
            return value;
        }

        Value get(int i, Value otherwise) {
            Value value = values.get(i);
            return value == null ? otherwise : value;
        }

        /** Whether an argument is there and not None. */
        boolean given(int i) {
            Value value = values.get(i);
            return value != null && value != None.NONE;
        }

        boolean flag(int i) {
            Value value = values.get(i);
            return value != null && value.truth();
        }

        /** A whole number, brought into the range of an int. */
        int integer(int i, int otherwise) {
            Value value = values.get(i);
            return value == null ? otherwise : Numbers.index(value, function);
        }

        Text text(int i) {
            if (get(i) instanceof Text text) {
                return text;
            }
            throw Failure.value(function + " needs a text as '" + names[i] + "' and got a " + get(i).type());
        }

        Text text(int i, Text otherwise) {
            return has(i) ? text(i) : otherwise;
        }
    }
}
