package dev.demur.llama.internal;

import dev.demur.json.JsonException;
import dev.demur.json.PlainJson;
import dev.demur.json.StrictJson;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a chat template is told besides the messages, such as {@code enable_thinking}: checked and copied. */
public final class TemplateVariables {

    /** What Demur gives a template itself. */
    public static final Set<String> RESERVED = Set.of("messages", "add_generation_prompt", "bos_token", "eos_token");

    private static final int DEEPEST = 32;

    private TemplateVariables() {}

    /**
     * An immutable copy.
     *
     * @param variables by name: null, strings, booleans, whole and floating-point numbers, lists, and maps with strings as keys
     * @throws IllegalArgumentException if a name is blank or Demur's own, or a value is of another type or nested too deep
     */
    public static Map<String, @Nullable Object> copy(Map<String, ? extends @Nullable Object> variables) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        variables.forEach((name, value) -> {
            if (name == null || name.isBlank()) {
                throw new IllegalArgumentException(
                        "template variables: a name is " + (name == null ? "null" : "blank"));
            }
            if (RESERVED.contains(name)) {
                throw new IllegalArgumentException(
                        "template variables: " + name + " is what Demur tells the template itself: leave it out");
            }
            copy.put(name, copy(name, value, 0));
        });
        return Collections.unmodifiableMap(copy);
    }

    private static @Nullable Object copy(String name, @Nullable Object value, int depth) {
        if (depth > DEEPEST) {
            throw new IllegalArgumentException(
                    "template variables: " + name + " is nested more than " + DEEPEST + " deep");
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> all = new ArrayList<>();
            for (Object element : list) {
                all.add(copy(name, element, depth + 1));
            }
            return Collections.unmodifiableList(all);
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> all = new LinkedHashMap<>();
            map.forEach((key, element) -> {
                if (!(key instanceof String text)) {
                    throw new IllegalArgumentException("template variables: " + name + " has a key that is no text");
                }
                all.put(text, copy(name, element, depth + 1));
            });
            return Collections.unmodifiableMap(all);
        }
        if (value != null && !isPlain(value)) {
            throw new IllegalArgumentException("template variables: " + name + " is a "
                    + value.getClass().getName()
                    + ": a value is a text, a number, true or false, null, a list or a map of these");
        }
        return value;
    }

    private static boolean isPlain(Object value) {
        return value instanceof String
                || value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Double
                || value instanceof BigInteger
                || value instanceof BigDecimal;
    }

    /**
     * A value as a person types it: what is JSON as Java's maps, lists, texts, numbers and booleans, and any other text as it
     * is.
     */
    public static @Nullable Object value(String typed) {
        try {
            return PlainJson.of(StrictJson.parse(typed, DEEPEST));
        } catch (JsonException e) {
            return typed;
        }
    }

    /** The variables as a person reads them: {@code enable_thinking=false}. */
    public static String text(Map<String, ? extends @Nullable Object> variables) {
        StringBuilder text = new StringBuilder();
        variables.forEach((name, value) ->
                text.append(text.isEmpty() ? "" : ", ").append(name).append('=').append(value));
        return text.toString();
    }
}
