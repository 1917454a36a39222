package dev.demur.grammar.schema;

import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonBoolean;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.json.JsonValue.Member;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The values that {@code enum} and {@code const} list: which are equal, of which type, and how they are written. */
final class SchemaValues {

    private static final int MOST = 5_000;

    private SchemaValues() {}

    /** The values that are in both lists, each once; those of the second where there is no first. */
    static List<JsonValue> both(
            @Nullable List<JsonValue> first, List<JsonValue> second, Place place, SchemaDocument document) {
        if (second.size() > MOST) {
            throw document.problem(place, "there are more than " + MOST + " values");
        }
        if (second.isEmpty()) {
            throw document.problem(place, "the list is empty");
        }
        return both(first, second);
    }

    /** The values that are in both lists, each once; those of the second where there is no first. */
    static List<JsonValue> both(@Nullable List<JsonValue> first, List<JsonValue> second) {
        Map<String, JsonValue> values = new LinkedHashMap<>();
        second.forEach(value -> values.putIfAbsent(canonical(value), value));
        if (first != null) {
            Set<String> others = new java.util.HashSet<>();
            first.forEach(value -> others.add(canonical(value)));
            values.keySet().retainAll(others);
        }
        return List.copyOf(values.values());
    }

    /** The types that the value is of. */
    static Set<Type> types(JsonValue value) {
        if (value instanceof JsonObject) {
            return EnumSet.of(Type.OBJECT);
        }
        if (value instanceof JsonArray) {
            return EnumSet.of(Type.ARRAY);
        }
        if (value instanceof JsonString) {
            return EnumSet.of(Type.STRING);
        }
        if (value instanceof JsonBoolean) {
            return EnumSet.of(Type.BOOLEAN);
        }
        if (value instanceof JsonNumber number) {
            boolean isWhole = normal(number.value()).scale() <= 0;
            return isWhole ? EnumSet.of(Type.NUMBER, Type.INTEGER) : EnumSet.of(Type.NUMBER);
        }
        return EnumSet.of(Type.NULL);
    }

    private static BigDecimal normal(BigDecimal number) {
        return number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
    }

    /** The same text for equal values: the order of members says nothing, and 1.0 is 1. */
    static String canonical(JsonValue value) {
        StringBuilder text = new StringBuilder();
        canonical(value, text);
        return text.toString();
    }

    private static void canonical(JsonValue value, StringBuilder text) {
        if (value instanceof JsonObject object) {
            text.append('{');
            for (Member member : new TreeMap<>(object.members()).values()) {
                text.append(JsonText.string(member.name())).append(':');
                canonical(member.value(), text);
                text.append(',');
            }
            text.append('}');
        } else if (value instanceof JsonArray array) {
            text.append('[');
            for (JsonValue each : array.values()) {
                canonical(each, text);
                text.append(',');
            }
            text.append(']');
        } else if (value instanceof JsonNumber number) {
            text.append(normal(number.value()));
        } else {
            text.append(JsonText.scalar(value));
        }
    }

    /** The value, with white space where {@code space} allows it. */
    static Expression written(JsonValue value, Expression space) {
        if (value instanceof JsonObject object) {
            List<Expression> members = new ArrayList<>();
            for (Member member : object.members().values()) {
                members.add(Expression.sequence(
                        Expression.literal(JsonText.string(member.name()) + ":"),
                        space,
                        written(member.value(), space)));
            }
            return list("{", members, "}", space);
        }
        if (value instanceof JsonArray array) {
            return list(
                    "[",
                    array.values().stream().map(each -> written(each, space)).toList(),
                    "]",
                    space);
        }
        return Expression.literal(JsonText.scalar(value));
    }

    private static Expression list(String open, List<Expression> parts, String close, Expression space) {
        List<Expression> all = new ArrayList<>();
        all.add(Expression.literal(open));
        all.add(space);
        for (int i = 0; i < parts.size(); i++) {
            if (i > 0) {
                all.add(Expression.literal(","));
                all.add(space);
            }
            all.add(parts.get(i));
        }
        if (!parts.isEmpty()) {
            all.add(space);
        }
        all.add(Expression.literal(close));
        return Expression.sequence(all);
    }
}
