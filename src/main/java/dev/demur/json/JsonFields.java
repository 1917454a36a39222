package dev.demur.json;

import dev.demur.DemurException;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonBoolean;
import dev.demur.json.JsonValue.JsonNull;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.json.JsonValue.Member;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object, read field by field: every value of its type, and no field but the known ones. What is wrong is told by an
 * exception of the reader's own, which names the source, the field's path and what is allowed, as {@code policy.json:
 * categories[2].threshold: must be a number, not a string}.
 */
public final class JsonFields {

    /** Makes the exception that a reader throws. */
    @FunctionalInterface
    public interface Failure {

        /** The exception with this message. */
        DemurException of(String message, @Nullable Throwable cause);
    }

    private final String source;
    private final String path; // what stands before a field's name, as "categories[2]."
    private final JsonObject object;
    private final Failure failure;

    private JsonFields(String source, String path, JsonObject object, Failure failure) {
        this.source = source;
        this.path = path;
        this.object = object;
        this.failure = failure;
    }

    /**
     * The object that a text is.
     *
     * @param deepest how deep it may be nested
     * @param source what messages call the text, as a file name
     */
    public static JsonFields parse(String text, int deepest, String source, Failure failure) {
        return parse(text, deepest, source, failure, JsonException::getMessage);
    }

    /** The object that a line is, whose number the source tells, as {@code s.jsonl:12}. */
    public static JsonFields parseLine(String line, int deepest, String source, Failure failure) {
        return parse(line, deepest, source, failure, JsonException::inLine);
    }

    private static JsonFields parse(
            String text, int deepest, String source, Failure failure, Function<JsonException, @Nullable String> words) {
        JsonValue value;
        try {
            value = StrictJson.parse(text, deepest);
        } catch (JsonException e) {
            throw failure.of(source + ": " + words.apply(e), e);
        }
        if (value instanceof JsonObject object) {
            return new JsonFields(source, "", object, failure);
        }
        throw failure.of(source + ": must be an object, not " + kindOf(value), null);
    }

    /** Checks that no field has another name. */
    public JsonFields only(List<String> names) {
        for (String name : names()) {
            if (!names.contains(name)) {
                throw error(name, "is not a known field; known are " + String.join(", ", names));
            }
        }
        return this;
    }

    /** The names of the fields, in their order. */
    public List<String> names() {
        return List.copyOf(object.members().keySet());
    }

    /** The object itself. */
    public JsonObject json() {
        return object;
    }

    /** Whether the field is there; it may be null. */
    public boolean has(String name) {
        return object.members().containsKey(name);
    }

    /** Whether the field is there and not null. */
    public boolean isSet(String name) {
        return set(name) != null;
    }

    /** Whether the field is there and is this number. */
    public boolean isNumber(String name, long number) {
        return set(name) instanceof JsonNumber given && given.value().compareTo(BigDecimal.valueOf(number)) == 0;
    }

    /** Checks that a field that may be null is there all the same. */
    public JsonFields require(String name) {
        required(name);
        return this;
    }

    // ---- values of one type

    /** A string. */
    public String string(String name) {
        return asString(name, required(name), "a string");
    }

    /** Of bounded length. */
    public String string(String name, int longest) {
        return bounded(name, string(name), longest);
    }

    /** A string; null where the field is missing or null. */
    public @Nullable String stringOrNull(String name) {
        JsonValue value = set(name);
        return value == null ? null : asString(name, value, "a string or null");
    }

    /** Null where the field is missing; it may not be null. Of bounded length. */
    public @Nullable String stringIfThere(String name, int longest) {
        return has(name) ? string(name, longest) : null;
    }

    /** True or false. */
    public boolean bool(String name) {
        if (required(name) instanceof JsonBoolean bool) {
            return bool.value();
        }
        throw wrongType(name, "true or false", required(name));
    }

    /** A number, as the nearest double. */
    public double number(String name) {
        return asNumber(name, required(name), "a number");
    }

    /** A number; null where the field is missing or null. */
    public @Nullable Double numberOrNull(String name) {
        JsonValue value = set(name);
        return value == null ? null : Double.valueOf(asNumber(name, value, "a number or null"));
    }

    /** A whole number that a long can hold. */
    public long whole(String name) {
        return asWhole(name, required(name), Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /** A whole number of at least 0. */
    public long count(String name) {
        return asWhole(name, required(name), 0, Long.MAX_VALUE);
    }

    /** A whole number of at least 0; null where the field is missing or null. */
    public @Nullable Long countOrNull(String name) {
        return isSet(name) ? Long.valueOf(count(name)) : null;
    }

    /** A whole number from 0 to 2^31 - 1, such as the id of a token. */
    public int integer(String name) {
        return (int) asWhole(name, required(name), 0, Integer.MAX_VALUE);
    }

    // ---- arrays

    /** An array of strings alone. */
    public List<String> strings(String name) {
        List<String> strings = new ArrayList<>();
        for (JsonValue value : array(name)) {
            strings.add(asString(name + "[" + strings.size() + "]", value, "a string"));
        }
        return strings;
    }

    /** From {@code least} to {@code most} strings of bounded length. */
    public List<String> strings(String name, int least, int most, int longest) {
        requireSize(name, array(name).size(), least, most);
        List<String> strings = strings(name);
        for (int i = 0; i < strings.size(); i++) {
            bounded(name + "[" + i + "]", strings.get(i), longest);
        }
        return strings;
    }

    /** An array of numbers alone. */
    public double[] numbers(String name) {
        List<JsonValue> values = array(name);
        double[] numbers = new double[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = asNumber(name + "[" + i + "]", values.get(i), "a number");
        }
        return numbers;
    }

    /** Whole numbers of at least 0. */
    public long[] counts(String name) {
        List<JsonValue> values = array(name);
        long[] counts = new long[values.size()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = asWhole(name + "[" + i + "]", values.get(i), 0, Long.MAX_VALUE);
        }
        return counts;
    }

    /** An array of objects alone. */
    public List<JsonFields> objects(String name) {
        List<JsonFields> objects = new ArrayList<>();
        for (JsonValue value : array(name)) {
            objects.add(asObject(name + "[" + objects.size() + "]", value, "an object"));
        }
        return objects;
    }

    /** From {@code least} to {@code most} objects. */
    public List<JsonFields> objects(String name, int least, int most) {
        requireSize(name, array(name).size(), least, most);
        return objects(name);
    }

    // ---- objects

    /** An object under this one. */
    public JsonFields object(String name) {
        return asObject(name, required(name), "an object");
    }

    /** An object under this one; null where the field is missing or null. */
    public @Nullable JsonFields objectOrNull(String name) {
        JsonValue value = set(name);
        return value == null ? null : asObject(name, value, "an object or null");
    }

    /** The strings of an object with whatever names; at most {@code most}, each of bounded length. */
    public Map<String, String> stringsByName(String name, int most, int longest) {
        JsonFields named = object(name);
        if (named.names().size() > most) {
            throw error(name, "has more than " + most + " fields");
        }
        Map<String, String> strings = new LinkedHashMap<>();
        named.names().forEach(key -> strings.put(key, named.string(key, longest)));
        return strings;
    }

    // ---- what is wrong

    /** Runs a constructor whose messages begin with the field's name, and puts source and path before them. */
    public <T> T checked(Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (DemurException | IllegalArgumentException e) {
            throw placed(source + ": " + path + e.getMessage(), e);
        }
    }

    /** Runs what checks the value of one field, and puts source and path before its message. */
    public <T> T checked(String name, Supplier<T> check) {
        try {
            return check.get();
        } catch (DemurException | IllegalArgumentException e) {
            throw placed(message(name, String.valueOf(e.getMessage())), e);
        }
    }

    /** The reader's own exceptions have their place already. */
    private DemurException placed(String message, RuntimeException cause) {
        DemurException made = failure.of(message, cause);
        return cause instanceof DemurException own && own.getClass() == made.getClass() ? own : made;
    }

    /** To be thrown over a field. */
    public DemurException error(String name, String problem) {
        return failure.of(message(name, problem), null);
    }

    private String message(String name, String problem) {
        return source + ": " + path + ForeignText.escaped(name) + ": " + problem;
    }

    private @Nullable JsonValue set(String name) {
        Member member = object.members().get(name);
        return member == null || member.value() instanceof JsonNull ? null : member.value();
    }

    private JsonValue required(String name) {
        Member member = object.members().get(name);
        if (member == null) {
            throw error(name, "is missing");
        }
        return member.value();
    }

    private List<JsonValue> array(String name) {
        JsonValue value = required(name);
        if (value instanceof JsonArray array) {
            return array.values();
        }
        throw wrongType(name, "an array", value);
    }

    private String bounded(String name, String string, int longest) {
        if (string.length() > longest) {
            throw error(name, "has more than " + longest + " characters");
        }
        return string;
    }

    private void requireSize(String name, int size, int least, int most) {
        if (size < least || size > most) {
            throw error(name, "has " + size + " elements: it must have " + least + " to " + most);
        }
    }

    private JsonFields asObject(String name, JsonValue value, String wanted) {
        if (value instanceof JsonObject found) {
            return new JsonFields(source, path + ForeignText.escaped(name) + ".", found, failure);
        }
        throw wrongType(name, wanted, value);
    }

    private String asString(String name, JsonValue value, String wanted) {
        if (value instanceof JsonString string) {
            return string.value();
        }
        throw wrongType(name, wanted, value);
    }

    private double asNumber(String name, JsonValue value, String wanted) {
        if (value instanceof JsonNumber number) {
            return Double.parseDouble(number.literal());
        }
        throw wrongType(name, wanted, value);
    }

    private long asWhole(String name, JsonValue value, long least, long most) {
        if (!(value instanceof JsonNumber number)) {
            throw wrongType(name, "a whole number", value);
        }
        BigDecimal exact = number.value();
        long whole = exact.longValue();
        if (BigDecimal.valueOf(whole).compareTo(exact) != 0 || whole < least || whole > most) {
            String range = most < Long.MAX_VALUE
                    ? " from " + least + " to " + most
                    : least > Long.MIN_VALUE ? " of at least " + least : "";
            throw error(name, ForeignText.escaped(number.literal()) + " is not a whole number" + range);
        }
        return whole;
    }

    private DemurException wrongType(String name, String wanted, JsonValue value) {
        return error(name, "must be " + wanted + ", not " + kindOf(value));
    }

    private static String kindOf(JsonValue value) {
        if (value instanceof JsonObject) {
            return "an object";
        }
        if (value instanceof JsonArray) {
            return "an array";
        }
        if (value instanceof JsonString) {
            return "a string";
        }
        return value instanceof JsonNumber ? "a number" : value instanceof JsonBoolean ? "a boolean" : "null";
    }
}
