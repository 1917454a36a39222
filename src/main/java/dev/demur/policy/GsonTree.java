package dev.demur.policy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.demur.json.JsonValue;

/** JSON that was read strictly as Gson's tree, which writes it again with all fields in their order. */
final class GsonTree {

    /** As many digits as every long has. */
    private static final int LONG_DIGITS = 18;

    private GsonTree() {}

    static JsonObject of(JsonValue.JsonObject object) {
        JsonObject tree = new JsonObject();
        object.members().forEach((name, member) -> tree.add(name, element(member.value())));
        return tree;
    }

    private static JsonElement element(JsonValue value) {
        if (value instanceof JsonValue.JsonObject object) {
            return of(object);
        }
        if (value instanceof JsonValue.JsonArray array) {
            JsonArray tree = new JsonArray();
            array.values().forEach(one -> tree.add(element(one)));
            return tree;
        }
        if (value instanceof JsonValue.JsonString string) {
            return new JsonPrimitive(string.value());
        }
        if (value instanceof JsonValue.JsonBoolean bool) {
            return new JsonPrimitive(bool.value());
        }
        return value instanceof JsonValue.JsonNumber number ? number(number.literal()) : JsonNull.INSTANCE;
    }

    /** A long where the literal is one, so that large counts keep their last digits; else the nearest double. */
    private static JsonPrimitive number(String literal) {
        boolean whole = literal.chars().allMatch(c -> c == '-' || c >= '0' && c <= '9');
        return whole && literal.length() <= LONG_DIGITS
                ? new JsonPrimitive(Long.parseLong(literal))
                : new JsonPrimitive(Double.parseDouble(literal));
    }
}
