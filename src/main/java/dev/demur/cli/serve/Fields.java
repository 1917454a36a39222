package dev.demur.cli.serve;

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
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The fields of a JSON object in a request. What is wrong with one is a 400 that names it. A field that is null is not there. */
final class Fields {

    private static final int DEEPEST = 64;

    private final JsonObject object;

    /** What stands before a field's name in messages: empty, or an object's place with a dot. */
    private final String place;

    private Fields(JsonObject object, String place) {
        this.object = object;
        this.place = place;
    }

    /** The object that the body of a request is. */
    static Fields parse(byte[] body) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ApiException.badRequest(null, "the body is not UTF-8 text: send JSON in UTF-8");
        }
        if (text.isBlank()) {
            throw ApiException.badRequest(null, "the body is empty: send a JSON object");
        }
        JsonValue value;
        try {
            value = StrictJson.parse(text, DEEPEST);
        } catch (JsonException e) {
            throw ApiException.badRequest(null, "invalid_json", "the body is no JSON: " + e.getMessage());
        }
        return of(value, "");
    }

    /**
     * The object that a value is.
     *
     * @param place where it stands, as {@code messages[0]}; empty for the body
     */
    static Fields of(JsonValue value, String place) {
        if (value instanceof JsonObject object) {
            return new Fields(object, place.isEmpty() ? "" : place + ".");
        }
        throw ApiException.badRequest(
                place.isEmpty() ? null : place,
                (place.isEmpty() ? "the body" : place) + " is " + kind(value) + ": it must be an object");
    }

    /** A field's place, for messages. */
    String place(String name) {
        return place + name;
    }

    /** The object as JSON. */
    String text() {
        return JsonText.of(object);
    }

    Collection<String> names() {
        return object.members().keySet();
    }

    /** Fails over a field that is none of these: what is not known cannot be honoured. */
    void requireKnown(Set<String> known) {
        for (String name : names()) {
            if (!known.contains(name)) {
                throw ApiException.badRequest(
                        place(name),
                        "unknown_parameter",
                        "this server does not know the parameter " + Quoted.of(place(name)) + ": leave it out");
            }
        }
    }

    @Nullable
    JsonValue value(String name) {
        Member member = object.members().get(name);
        return member == null || member.value() instanceof JsonNull ? null : member.value();
    }

    boolean has(String name) {
        return value(name) != null;
    }

    @Nullable
    String text(String name) {
        JsonValue value = value(name);
        if (value == null) {
            return null;
        }
        if (value instanceof JsonString text) {
            return text.value();
        }
        throw wrong(name, value, "a string");
    }

    String requiredText(String name) {
        String text = text(name);
        if (text == null) {
            throw missing(name, "a string");
        }
        return text;
    }

    boolean flag(String name) {
        JsonValue value = value(name);
        if (value == null) {
            return false;
        }
        if (value instanceof JsonBoolean flag) {
            return flag.value();
        }
        throw wrong(name, value, "true or false");
    }

    /** A number from {@code low} to {@code high}; null where it is not there. */
    @Nullable
    Double number(String name, double low, double high) {
        JsonValue value = value(name);
        if (value == null) {
            return null;
        }
        String wanted = "a number from " + plain(low) + " to " + plain(high);
        if (!(value instanceof JsonNumber number)) {
            throw wrong(name, value, wanted);
        }
        double given = number.value().doubleValue();
        if (!(given >= low && given <= high)) {
            throw ApiException.badRequest(
                    place(name), place(name) + " is " + Quoted.cut(number.literal()) + ": it must be " + wanted);
        }
        return given;
    }

    /** A whole number from {@code low} to {@code high}; null where it is not there. */
    @Nullable
    Long integer(String name, long low, long high) {
        JsonValue value = value(name);
        if (value == null) {
            return null;
        }
        String wanted = "a whole number from " + low + " to " + high;
        if (!(value instanceof JsonNumber number)) {
            throw wrong(name, value, wanted);
        }
        BigDecimal given = number.value();
        boolean inRange =
                given.compareTo(BigDecimal.valueOf(low)) >= 0 && given.compareTo(BigDecimal.valueOf(high)) <= 0;
        if (!inRange || given.stripTrailingZeros().scale() > 0) {
            throw ApiException.badRequest(
                    place(name), place(name) + " is " + Quoted.cut(number.literal()) + ": it must be " + wanted);
        }
        return given.longValue();
    }

    @Nullable
    JsonArray array(String name) {
        JsonValue value = value(name);
        if (value == null) {
            return null;
        }
        if (value instanceof JsonArray array) {
            return array;
        }
        throw wrong(name, value, "an array");
    }

    @Nullable
    Fields object(String name) {
        JsonValue value = value(name);
        return value == null ? null : of(value, place(name));
    }

    ApiException missing(String name, String wanted) {
        return ApiException.badRequest(
                place(name), "missing_required_parameter", place(name) + " is missing: it must be " + wanted);
    }

    ApiException wrong(String name, JsonValue value, String wanted) {
        return ApiException.badRequest(
                place(name), "invalid_type", place(name) + " is " + kind(value) + ": it must be " + wanted);
    }

    /** What a value is, in words. */
    static String kind(JsonValue value) {
        if (value instanceof JsonString) {
            return "a string";
        }
        if (value instanceof JsonNumber) {
            return "a number";
        }
        if (value instanceof JsonBoolean flag) {
            return Boolean.toString(flag.value());
        }
        if (value instanceof JsonArray) {
            return "an array";
        }
        return value instanceof JsonObject ? "an object" : "null";
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
}
