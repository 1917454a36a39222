package dev.demur.jinja;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What jinja2 made of the templates in {@code src/test/jinja}. */
final class Golden {

    /** The time that {@code render.py} tells templates. */
    static final LocalDateTime NOW = LocalDateTime.of(2026, 3, 5, 14, 7, 9);

    /**
     * A template with its variables and what jinja2 made of them.
     *
     * @param name what a failing test is called by
     * @param expected the text; null where it ended in an error
     * @param error the kind of error; null where there was none
     * @param message what the template said where it raised the error
     */
    record Case(
            String name,
            String template,
            Map<String, Object> variables,
            String expected,
            String error,
            String message) {

        @Override
        public String toString() {
            return name;
        }
    }

    private Golden() {}

    private static JsonObject read(String file) {
        try (Reader in = new InputStreamReader(
                Objects.requireNonNull(Golden.class.getResourceAsStream(file)), StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(in).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Case> constructs() {
        JsonObject all = read("constructs.json");
        Map<String, Object> variables = variables(all.get("variables"));
        List<Case> cases = new ArrayList<>();
        for (JsonElement each : all.getAsJsonArray("cases")) {
            JsonObject one = each.getAsJsonObject();
            String template = one.get("template").getAsString();
            cases.add(of(template, template, variables, one));
        }
        return cases;
    }

    static List<Case> families() {
        JsonObject all = read("families.json");
        List<Case> cases = new ArrayList<>();
        for (JsonElement each : all.getAsJsonArray("cases")) {
            JsonObject one = each.getAsJsonObject();
            String template = one.get("template").getAsString();
            String conversation = one.get("conversation").getAsString();
            Map<String, Object> variables =
                    variables(all.getAsJsonObject("conversations").get(conversation));
            cases.add(of(
                    template + ", " + conversation,
                    all.getAsJsonObject("templates").get(template).getAsString(),
                    variables,
                    one));
        }
        return cases;
    }

    /** The templates of families, by name. */
    static Map<String, String> templates() {
        Map<String, String> templates = new LinkedHashMap<>();
        read("families.json")
                .getAsJsonObject("templates")
                .entrySet()
                .forEach(entry -> templates.put(entry.getKey(), entry.getValue().getAsString()));
        return templates;
    }

    private static Case of(String name, String template, Map<String, Object> variables, JsonObject result) {
        return new Case(
                name, template, variables, text(result, "expected"), text(result, "error"), text(result, "message"));
    }

    private static String text(JsonObject object, String field) {
        return object.has(field) ? object.get(field).getAsString() : null;
    }

    @SuppressWarnings("unchecked") // An object's keys are strings.
    private static Map<String, Object> variables(JsonElement object) {
        return (Map<String, Object>) value(object);
    }

    private static Object value(JsonElement json) {
        if (json.isJsonNull()) {
            return null;
        }
        if (json.isJsonArray()) {
            List<Object> list = new ArrayList<>();
            json.getAsJsonArray().forEach(item -> list.add(value(item)));
            return list;
        }
        if (json.isJsonObject()) {
            Map<String, Object> map = new LinkedHashMap<>();
            json.getAsJsonObject().entrySet().forEach(entry -> map.put(entry.getKey(), value(entry.getValue())));
            return map;
        }
        JsonPrimitive primitive = json.getAsJsonPrimitive();
        if (primitive.isBoolean()) {
            return primitive.getAsBoolean();
        }
        if (primitive.isString()) {
            return primitive.getAsString();
        }
        String number = primitive.getAsString();
        return number.matches("-?[0-9]+") ? new BigInteger(number) : (Object) Double.valueOf(number);
    }

    static Rendering render(String template, Map<String, Object> variables) {
        return JinjaTemplate.parse(template).render(variables, Limits.DEFAULTS, () -> NOW);
    }
}
