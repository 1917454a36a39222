package dev.demur.json;

import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonBoolean;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as values of Java's own. */
public final class PlainJson {

    private PlainJson() {}

    /** Any JSON as Java's maps, lists, strings, numbers and booleans. */
    public static @Nullable Object of(JsonValue value) {
        if (value instanceof JsonObject object) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            object.members().forEach((name, member) -> map.put(name, of(member.value())));
            return map;
        }
        if (value instanceof JsonArray array) {
            List<@Nullable Object> list = new ArrayList<>();
            array.values().forEach(element -> list.add(of(element)));
            return list;
        }
        if (value instanceof JsonString string) {
            return string.value();
        }
        if (value instanceof JsonBoolean bool) {
            return bool.value();
        }
        if (value instanceof JsonNumber number) {
            boolean whole = number.literal().chars().allMatch(c -> c == '-' || c >= '0' && c <= '9');
            return whole
                    ? (Object) number.value().toBigInteger()
                    : (Object) number.value().doubleValue();
        }
        return null;
    }
}
