package dev.demur.jinja;

import java.util.List;

/**
 * A list, a tuple, or another sequence of values. Immutable: templates may not change a list.
 *
 * @param kind what Python would call it
 * @param items in order
 * @param shown how it prints where that is not told by its items, as a range's {@code range(0, 3)}; else empty
 */
record Items(Kind kind, List<Value> items, Text shown) implements Value {

    /** What Python would call it. */
    enum Kind {
        LIST("list"),
        TUPLE("tuple"),
        RANGE("range"),
        KEYS("dict_keys"),
        VALUES("dict_values"),
        PAIRS("dict_items"),
        /** A tuple of what items have in common and the list of them. */
        GROUP("_GroupTuple");

        private final String type;

        Kind(String type) {
            this.type = type;
        }

        /** Whether items are found by their number. */
        boolean indexed() {
            return this == LIST || this == TUPLE || this == RANGE || this == GROUP;
        }

        boolean tuple() {
            return this == TUPLE || this == GROUP;
        }

        boolean view() {
            return this == KEYS || this == VALUES || this == PAIRS;
        }
    }

    static Items list(List<Value> items) {
        return new Items(Kind.LIST, items, Text.EMPTY);
    }

    static Items tuple(List<Value> items) {
        return new Items(Kind.TUPLE, items, Text.EMPTY);
    }

    @Override
    public String type() {
        return kind.type;
    }

    @Override
    public boolean truth() {
        return !items.isEmpty();
    }
}
