package dev.demur.grammar;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether a value fits a JSON schema, keyword by keyword as the specification has them: the oracle of the grammars that are
 * made of schemas, with which it shares no code.
 */
public final class SchemaCheck {

    private final JsonObject root;

    private SchemaCheck(JsonObject root) {
        this.root = root;
    }

    /** Why {@code text} is no JSON that fits {@code schema}; null if it is. */
    public static @Nullable String problem(String schema, String text) {
        JsonElement value;
        try {
            JsonReader reader = new JsonReader(new StringReader(text));
            reader.setStrictness(Strictness.STRICT);
            value = JsonParser.parseReader(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                return "goes on after the JSON";
            }
        } catch (RuntimeException | IOException e) {
            return String.valueOf(e.getMessage());
        }
        JsonElement parsed = JsonParser.parseString(schema);
        if (!parsed.isJsonObject()) {
            return parsed.getAsBoolean() ? null : "the schema false";
        }
        return new SchemaCheck(parsed.getAsJsonObject()).problem(parsed, value);
    }

    private @Nullable String problem(JsonElement schema, JsonElement value) {
        if (schema.isJsonPrimitive()) {
            return schema.getAsBoolean() ? null : "the schema false";
        }
        for (Map.Entry<String, JsonElement> keyword : schema.getAsJsonObject().entrySet()) {
            if (!fits(schema.getAsJsonObject(), keyword.getKey(), keyword.getValue(), value)) {
                return keyword + " is not fitted by " + value;
            }
        }
        return null;
    }

    private boolean fits(JsonElement schema, JsonElement value) {
        return problem(schema, value) == null;
    }

    private boolean fits(JsonObject schema, String keyword, JsonElement asked, JsonElement value) {
        return switch (keyword) {
            case "type" ->
                asked.isJsonArray()
                        ? asked.getAsJsonArray().asList().stream().anyMatch(type -> isOf(type.getAsString(), value))
                        : isOf(asked.getAsString(), value);
            case "enum" -> asked.getAsJsonArray().asList().stream().anyMatch(each -> same(each, value));
            case "const" -> same(asked, value);
            case "anyOf" -> count(asked.getAsJsonArray(), value) > 0;
            case "oneOf" -> count(asked.getAsJsonArray(), value) == 1;
            case "allOf" ->
                count(asked.getAsJsonArray(), value) == asked.getAsJsonArray().size();
            case "$ref" -> fits(resolved(asked.getAsString()), value);
            case "minimum" -> !isNumber(value) || compare(value, asked) >= 0;
            case "maximum" -> !isNumber(value) || compare(value, asked) <= 0;
            case "exclusiveMinimum" -> !isNumber(value) || compare(value, asked) > 0;
            case "exclusiveMaximum" -> !isNumber(value) || compare(value, asked) < 0;
            case "minLength" -> !isString(value) || length(value) >= asked.getAsInt();
            case "maxLength" -> !isString(value) || length(value) <= asked.getAsInt();
            case "pattern" ->
                !isString(value)
                        || Pattern.compile(asked.getAsString())
                                .matcher(value.getAsString())
                                .find();
            case "format" -> !isString(value) || isOfFormat(asked.getAsString(), value.getAsString());
            case "minItems" -> !value.isJsonArray() || value.getAsJsonArray().size() >= asked.getAsInt();
            case "maxItems" -> !value.isJsonArray() || value.getAsJsonArray().size() <= asked.getAsInt();
            case "required" ->
                !value.isJsonObject()
                        || asked.getAsJsonArray().asList().stream()
                                .allMatch(name -> value.getAsJsonObject().has(name.getAsString()));
            case "properties", "additionalProperties", "items", "prefixItems" ->
                !(value.isJsonObject() || value.isJsonArray()) || parts(schema, keyword, asked, value);
            case "$defs", "title", "description" -> true;
            default -> throw new IllegalArgumentException(keyword);
        };
    }

    private boolean parts(JsonObject schema, String keyword, JsonElement asked, JsonElement value) {
        if (keyword.equals("properties") || keyword.equals("additionalProperties")) {
            if (!value.isJsonObject()) {
                return true;
            }
            JsonObject declared = schema.has("properties") ? schema.getAsJsonObject("properties") : new JsonObject();
            boolean others = keyword.equals("additionalProperties");
            return value.getAsJsonObject().entrySet().stream()
                    .filter(member -> declared.has(member.getKey()) != others)
                    .allMatch(member -> fits(others ? asked : declared.get(member.getKey()), member.getValue()));
        }
        if (!value.isJsonArray()) {
            return true;
        }
        JsonArray items = value.getAsJsonArray();
        int first =
                schema.has("prefixItems") ? schema.getAsJsonArray("prefixItems").size() : 0;
        for (int i = 0; i < items.size(); i++) {
            if (keyword.equals("items") ? i >= first : i < first) {
                if (!fits(
                        keyword.equals("items") ? asked : asked.getAsJsonArray().get(i), items.get(i))) {
                    return false;
                }
            }
        }
        return true;
    }

    private JsonElement resolved(String reference) {
        JsonElement at = root;
        for (String name : reference.replaceFirst("^#/?", "").split("/")) {
            at = name.isEmpty() ? at : at.getAsJsonObject().get(name);
        }
        return at;
    }

    private long count(JsonArray schemas, JsonElement value) {
        return schemas.asList().stream().filter(schema -> fits(schema, value)).count();
    }

    private static boolean isOf(String type, JsonElement value) {
        return switch (type) {
            case "object" -> value.isJsonObject();
            case "array" -> value.isJsonArray();
            case "string" -> isString(value);
            case "number" -> isNumber(value);
            case "integer" ->
                isNumber(value) && value.getAsBigDecimal().stripTrailingZeros().scale() <= 0;
            case "boolean" ->
                value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean();
            default -> value.isJsonNull();
        };
    }

    private static boolean same(JsonElement one, JsonElement other) {
        if (one.isJsonArray() && other.isJsonArray()) {
            JsonArray first = one.getAsJsonArray();
            JsonArray second = other.getAsJsonArray();
            for (int i = 0; i < Math.min(first.size(), second.size()); i++) {
                if (!same(first.get(i), second.get(i))) {
                    return false;
                }
            }
            return first.size() == second.size();
        }
        if (one.isJsonObject() && other.isJsonObject()) {
            JsonObject second = other.getAsJsonObject();
            return one.getAsJsonObject().keySet().equals(second.keySet())
                    && one.getAsJsonObject().entrySet().stream()
                            .allMatch(member -> same(member.getValue(), second.get(member.getKey())));
        }
        return isNumber(one) && isNumber(other) ? compare(one, other) == 0 : one.equals(other);
    }

    private static boolean isNumber(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
    }

    private static boolean isString(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
    }

    private static int compare(JsonElement value, JsonElement bound) {
        return value.getAsBigDecimal().compareTo(new BigDecimal(bound.getAsString()));
    }

    private static int length(JsonElement value) {
        return value.getAsString().codePointCount(0, value.getAsString().length());
    }

    private static boolean isOfFormat(String format, String text) {
        try {
            switch (format) {
                case "date" -> LocalDate.parse(text);
                case "time" -> OffsetTime.parse(withSmallOffset(text));
                case "date-time" -> OffsetDateTime.parse(withSmallOffset(text));
                case "uuid" -> {
                    return Pattern.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text);
                }
                default -> throw new IllegalArgumentException(format);
            }
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    /** Java takes no offset beyond 18 hours, the format one up to 23:59. */
    private static String withSmallOffset(String text) {
        return text.replaceFirst("([+-])(?:1[89]|2[0-3]):([0-5][0-9])$", "$117:$2");
    }
}
