package dev.demur.json;

import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonBoolean;
import dev.demur.json.JsonValue.JsonNull;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.json.JsonValue.Member;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects the members of an object that is to be written, in their order. What is made here stands in no text: all of it is at 0. A
 * name that is there already takes the new value. For one thread.
 */
public final class JsonMembers {

    private static final JsonNull NULL = new JsonNull(0);

    private final Map<String, Member> members = new LinkedHashMap<>();

    /** A member; null is written as such. */
    public JsonMembers put(String name, @Nullable JsonValue value) {
        members.put(name, new Member(name, 0, value == null ? NULL : value));
        return this;
    }

    /** A string; null is written as such. */
    public JsonMembers put(String name, @Nullable String value) {
        return put(name, value == null ? NULL : new JsonString(0, value));
    }

    /**
     * A number; null is written as such.
     *
     * @throws IllegalArgumentException if it is infinite or none
     */
    public JsonMembers put(String name, @Nullable Double value) {
        return put(name, value == null ? NULL : number(value));
    }

    /** A whole number. */
    public JsonMembers put(String name, long value) {
        return put(name, new JsonNumber(0, Long.toString(value)));
    }

    /** True or false. */
    public JsonMembers put(String name, boolean value) {
        return put(name, new JsonBoolean(0, value));
    }

    /** An array of strings. */
    public JsonMembers putStrings(String name, List<String> values) {
        return put(
                name,
                new JsonArray(
                        0,
                        values.stream()
                                .map(value -> (JsonValue) new JsonString(0, value))
                                .toList()));
    }

    /**
     * An array of numbers.
     *
     * @throws IllegalArgumentException if one is infinite or none
     */
    public JsonMembers putNumbers(String name, List<Double> values) {
        return put(
                name,
                new JsonArray(
                        0,
                        values.stream().map(value -> (JsonValue) number(value)).toList()));
    }

    /** An array of objects. */
    public JsonMembers putObjects(String name, List<JsonObject> values) {
        return put(name, new JsonArray(0, List.copyOf(values)));
    }

    private static JsonNumber number(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(value + " is no number that JSON has");
        }
        return new JsonNumber(0, Double.toString(value));
    }

    /** The object. */
    public JsonObject object() {
        return new JsonObject(0, members);
    }
}
