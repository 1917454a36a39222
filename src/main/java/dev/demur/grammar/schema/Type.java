package dev.demur.grammar.schema;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a JSON value can be. A number that may have a fraction is of both kinds of numbers. */
enum Type {
    OBJECT,
    ARRAY,
    STRING,
    NUMBER,
    INTEGER,
    BOOLEAN,
    NULL;

    /** The types that a schema calls by this name; null where there is none. */
    static @Nullable Set<Type> named(String name) {
        for (Type type : values()) {
            if (type.id().equals(name)) {
                return type == NUMBER ? EnumSet.of(NUMBER, INTEGER) : EnumSet.of(type);
            }
        }
        return null;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
