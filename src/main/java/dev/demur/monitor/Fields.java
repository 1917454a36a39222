package dev.demur.monitor;

import dev.demur.DemurException;
import dev.demur.json.JsonException;
import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonBoolean;
import dev.demur.json.JsonValue.JsonNull;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.json.JsonValue.Member;
import dev.demur.json.StrictJson;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The fields of a JSON object; every error is a MonitorException that names source and field. */
final class Fields {

    private static final int DEEPEST = 24;
    private static final int LONGEST_QUOTE = 80;

    private final String source;
    private final String path; // what stands before a field's name, as "rates[2]."
    private final JsonObject object;

    private Fields(String source, String path, JsonObject object) {
        this.source = source;
        this.path = path;
        this.object = object;
    }

    /** The object that a line is, whose place the source tells. */
    static Fields parseLine(String line, String source) {
        return parse(line, source, e -> "column " + e.position().column() + ": " + e.problem());
    }

    /** The object that a text is. */
    static Fields parse(String text, String source) {
        return parse(text, source, e -> e.position() + ": " + e.problem());
    }

    private static Fields parse(String text, String source, Function<JsonException, String> words) {
        JsonValue value;
        try {
            value = StrictJson.parse(text, DEEPEST);
        } catch (JsonException e) {
            throw new MonitorException(source + ": " + words.apply(e), e);
        }
        if (value instanceof JsonObject object) {
            return new Fields(source, "", object);
        }
        throw new MonitorException(source + ": must be an object, not " + kindOf(value));
    }

    /** Checks that no field has another name. */
    Fields only(List<String> names) {
        for (String name : object.members().keySet()) {
            if (!names.contains(name)) {
                throw error(quote(name), "is not a known field; known are " + String.join(", ", names));
            }
        }
        return this;
    }

    List<String> names() {
        return List.copyOf(object.members().keySet());
    }

    /** Whether the field is there and not null. */
    boolean has(String name) {
        return find(name) != null;
    }

    String string(String name) {
        if (required(name) instanceof JsonString string) {
            return string.value();
        }
        throw wrongType(name, "a string");
    }

    /** Null where the field is missing or null; so are the others with this ending. */
    @Nullable
    String stringOrNull(String name) {
        return has(name) ? string(name) : null;
    }

    boolean bool(String name) {
        if (required(name) instanceof JsonBoolean bool) {
            return bool.value();
        }
        throw wrongType(name, "true or false");
    }

    double number(String name) {
        return asNumber(name, required(name));
    }

    @Nullable
    Double numberOrNull(String name) {
        return has(name) ? Double.valueOf(number(name)) : null;
    }

    /** A whole number that a long can hold. */
    long whole(String name) {
        return asWhole(name, required(name), Long.MIN_VALUE);
    }

    /** A whole number of at least 0. */
    long count(String name) {
        return asWhole(name, required(name), 0);
    }

    @Nullable
    Long countOrNull(String name) {
        return has(name) ? Long.valueOf(count(name)) : null;
    }

    List<String> strings(String name) {
        List<String> strings = new ArrayList<>();
        for (JsonValue value : array(name)) {
            if (!(value instanceof JsonString string)) {
                throw error(name + "[" + strings.size() + "]", "must be a string, not " + kindOf(value));
            }
            strings.add(string.value());
        }
        return strings;
    }

    double[] numbers(String name) {
        List<JsonValue> values = array(name);
        double[] numbers = new double[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = asNumber(name + "[" + i + "]", values.get(i));
        }
        return numbers;
    }

    long[] counts(String name) {
        List<JsonValue> values = array(name);
        long[] counts = new long[values.size()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = asWhole(name + "[" + i + "]", values.get(i), 0);
        }
        return counts;
    }

    Fields object(String name) {
        return asObject(name, required(name));
    }

    @Nullable
    Fields objectOrNull(String name) {
        return has(name) ? object(name) : null;
    }

    List<Fields> objects(String name) {
        List<Fields> objects = new ArrayList<>();
        for (JsonValue value : array(name)) {
            objects.add(asObject(name + "[" + objects.size() + "]", value));
        }
        return objects;
    }

    /** Runs a constructor whose messages begin with the field's name, and puts source and path before them. */
    <T> T checked(Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (MonitorException e) {
            throw e;
        } catch (DemurException | IllegalArgumentException e) {
            throw new MonitorException(source + ": " + path + e.getMessage(), e);
        }
    }

    MonitorException error(String name, String problem) {
        return new MonitorException(source + ": " + path + name + ": " + problem);
    }

    private @Nullable JsonValue find(String name) {
        Member member = object.members().get(name);
        return member == null || member.value() instanceof JsonNull ? null : member.value();
    }

    private JsonValue required(String name) {
        JsonValue value = find(name);
        if (value == null) {
            throw error(name, object.members().containsKey(name) ? "is null" : "is missing");
        }
        return value;
    }

    private List<JsonValue> array(String name) {
        if (required(name) instanceof JsonArray array) {
            return array.values();
        }
        throw wrongType(name, "an array");
    }

    private Fields asObject(String name, JsonValue value) {
        if (value instanceof JsonObject found) {
            return new Fields(source, path + name + ".", found);
        }
        throw error(name, "must be an object, not " + kindOf(value));
    }

    private double asNumber(String name, JsonValue value) {
        if (value instanceof JsonNumber number) {
            return Double.parseDouble(number.literal());
        }
        throw error(name, "must be a number, not " + kindOf(value));
    }

    private long asWhole(String name, JsonValue value, long least) {
        if (!(value instanceof JsonNumber number)) {
            throw error(name, "must be a whole number, not " + kindOf(value));
        }
        BigDecimal exact = number.value();
        long whole = exact.longValue();
        if (BigDecimal.valueOf(whole).compareTo(exact) != 0 || whole < least) {
            throw error(name, number.literal() + " is not a whole number" + (least == 0 ? " of at least 0" : ""));
        }
        return whole;
    }

    private MonitorException wrongType(String name, String wanted) {
        return error(name, "must be " + wanted + ", not " + kindOf(required(name)));
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

    /** Foreign text in a message: on one line, of bounded length. */
    static String quote(String text) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), LONGEST_QUOTE); i++) {
            char c = text.charAt(i);
            line.append(Character.isISOControl(c) ? ' ' : c);
        }
        return text.length() > LONGEST_QUOTE ? line + "…" : line.toString();
    }
}
