package dev.demur.json;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value of a JSON text, which knows where it stands there. Immutable. */
public sealed interface JsonValue {

    /** The index of its first character in the text. */
    int at();

    /** {@code null}. */
    record JsonNull(int at) implements JsonValue {}

    /** {@code true} or {@code false}. */
    record JsonBoolean(int at, boolean value) implements JsonValue {}

    /** A number, as it is written; within what a double can hold. */
    record JsonNumber(int at, String literal) implements JsonValue {

        /** Its value, exactly. */
        public BigDecimal value() {
            BigDecimal value = new BigDecimal(literal);
            return value.signum() == 0 ? BigDecimal.ZERO : value;
        }
    }

    /** A string of whole characters. */
    record JsonString(int at, String value) implements JsonValue {}

    /** An array. */
    record JsonArray(int at, List<JsonValue> values) implements JsonValue {

        /** An array of a copy of {@code values}. */
        public JsonArray {
            values = List.copyOf(values);
        }
    }

    /** An object; its members by their names, in the order of the text. */
    record JsonObject(int at, Map<String, Member> members) implements JsonValue {

        /** An object of a copy of {@code members}. */
        public JsonObject {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }
    }

    /** A member of an object: its name, where that stands, and its value. */
    record Member(String name, int at, JsonValue value) {}
}
