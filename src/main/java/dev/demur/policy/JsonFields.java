package dev.demur.policy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One JSON object with a known set of fields; every error is a PolicyException that names source and field. */
final class JsonFields {

    private final String source;
    private final String path; // what stands before a field's name, as "categories[2]."
    private final JsonObject object;

    /** Checks that the object has no field but the known ones. */
    JsonFields(String source, String path, JsonElement element, List<String> known) {
        this.source = source;
        this.path = path;
        if (!(element instanceof JsonObject)) {
            String what = path.isEmpty() ? source : source + ": " + path.substring(0, path.length() - 1);
            throw new PolicyException(what + ": must be an object, not " + kindOf(element));
        }
        object = element.getAsJsonObject();
        for (String name : object.keySet()) {
            if (!known.contains(name)) {
                throw error(name, "is not a known field; known are " + String.join(", ", known));
            }
        }
    }

    String string(String name) {
        return asString(name, required(name), "a string");
    }

    double number(String name) {
        return asNumber(name, required(name), "a number");
    }

    JsonArray array(String name) {
        JsonElement value = required(name);
        if (value instanceof JsonArray array) {
            return array;
        }
        throw wrongType(name, "an array", value);
    }

    /** An array of strings alone. */
    List<String> strings(String name) {
        List<String> strings = new ArrayList<>();
        for (JsonElement element : array(name)) {
            strings.add(asString(name + "[" + strings.size() + "]", element, "a string"));
        }
        return strings;
    }

    /** An array of numbers alone. */
    List<Double> numbers(String name) {
        List<Double> numbers = new ArrayList<>();
        for (JsonElement element : array(name)) {
            numbers.add(asNumber(name + "[" + numbers.size() + "]", element, "a number"));
        }
        return numbers;
    }

    boolean has(String name) {
        return object.has(name);
    }

    /** Null where the field is missing or null; so are the others below. */
    @Nullable
    String stringOrNull(String name) {
        JsonElement value = object.get(name);
        return value == null || value instanceof JsonNull ? null : asString(name, value, "a string or null");
    }

    @Nullable
    Double numberOrNull(String name) {
        JsonElement value = object.get(name);
        return value == null || value instanceof JsonNull ? null : asNumber(name, value, "a number or null");
    }

    @Nullable
    JsonObject objectOrNull(String name) {
        JsonElement value = object.get(name);
        if (value == null || value instanceof JsonNull) {
            return null;
        }
        if (value instanceof JsonObject found) {
            return found;
        }
        throw wrongType(name, "an object or null", value);
    }

    /** Runs a constructor whose messages begin with the field's name, and puts source and path before them. */
    <T> T checked(Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (IllegalArgumentException e) {
            throw new PolicyException(source + ": " + path + e.getMessage(), e);
        }
    }

    PolicyException error(String name, String problem) {
        return new PolicyException(source + ": " + path + Quote.bare(name) + ": " + problem);
    }

    private JsonElement required(String name) {
        JsonElement value = object.get(name);
        if (value == null) {
            throw error(name, "is missing");
        }
        return value;
    }

    private String asString(String name, JsonElement value, String wanted) {
        if (value instanceof JsonPrimitive primitive && primitive.isString()) {
            return primitive.getAsString();
        }
        throw wrongType(name, wanted, value);
    }

    private double asNumber(String name, JsonElement value, String wanted) {
        if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
            return primitive.getAsDouble();
        }
        throw wrongType(name, wanted, value);
    }

    private PolicyException wrongType(String name, String wanted, JsonElement value) {
        return error(name, "must be " + wanted + ", not " + kindOf(value));
    }

    private static String kindOf(JsonElement value) {
        if (value instanceof JsonPrimitive primitive) {
            return primitive.isString() ? "a string" : primitive.isNumber() ? "a number" : "a boolean";
        }
        return value instanceof JsonArray ? "an array" : value instanceof JsonObject ? "an object" : "null";
    }
}
