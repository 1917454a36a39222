package dev.demur.grammar;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random schemas, and random texts of their grammars; {@code demur.test.seed} repeats a run. */
@Timeout(1800)
class RandomSchemasTest {

    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());
    private static final int SCHEMAS = Integer.getInteger("demur.test.schemas", 250);
    private static final int TEXTS = 5;
    private static final List<String> NAMES = List.of("a", "ab", "abc", "b c", "q\"\\", "\u00e9\n", "kind", "");
    private static final List<String> PATTERNS = List.of(
            "^[a-z]+$",
            "^[A-Z]{2,3}-\\d+$",
            "b",
            "^(?:ab|a)*c?$",
            "[\"\\\\]",
            "^\\s?x|y$",
            "^[^a-z\"]{1,4}$",
            "^.$",
            "(a*)*b",
            "^\\u00e9?(x|yy){0,3}$",
            "\\w\\W",
            "^[\\d.-]+$");

    private final Random random = new Random(SEED);

    @Test
    void every_text_of_a_schemas_grammar_is_json_that_fits_the_schema() {
        int made = 0;
        int texts = 0;
        for (int i = 0; i < SCHEMAS; i++) {
            String schema = schema().toString();
            Grammar grammar;
            try {
                grammar = Grammar.ofJsonSchema(schema);
            } catch (GrammarException e) {
                requireAllowed(schema, String.valueOf(e.getMessage()));
                continue;
            }
            made++;
            for (int k = 0; k < TEXTS; k++) {
                String text = RandomText.of(grammar, random, random.nextInt(60));
                if (text == null) {
                    continue;
                }
                String problem = SchemaCheck.problem(schema, text);
                if (problem != null && problem.contains("Nesting limit")) {
                    continue; // of Gson's reader
                }
                assertNull(problem, () -> text + " of " + schema + ", seed " + SEED);
                texts++;
            }
        }
        assertTrue(made > SCHEMAS / 2, made + " of " + SCHEMAS + " schemas became grammars, seed " + SEED);
        assertTrue(
                texts >= Math.max(500, 0.98 * made * TEXTS), texts + " texts of " + made + " grammars, seed " + SEED);
    }

    /** What random schemas may be refused for: that nothing fits, or what is documented. */
    private static void requireAllowed(String schema, String message) {
        List<String> allowed = List.of(
                "there is no ",
                "no type is left",
                "none of the listed values",
                "the schema false",
                "is below",
                "the largest number is below the least",
                "beside enum or const",
                "one pattern or format",
                "beside minLength and maxLength",
                "one value may fit its schemas",
                "to itself before a value begins",
                "hold another one like it");
        if (allowed.stream().noneMatch(message::contains)) {
            fail(message + " of " + schema + ", seed " + SEED);
        }
    }

    private JsonObject schema() {
        JsonObject schema = value(3);
        JsonObject definitions = new JsonObject();
        definitions.add("x", value(2));
        definitions.add("y", value(1));
        schema.add("$defs", definitions);
        return schema;
    }

    private JsonElement nested(int depth) {
        return random.nextInt(30) == 0 ? new JsonPrimitive(random.nextInt(4) > 0) : value(depth - 1);
    }

    private JsonObject value(int depth) {
        JsonObject schema = new JsonObject();
        if (random.nextInt(5) == 0) {
            schema.addProperty("title", "a title");
        }
        switch (random.nextInt(depth > 0 ? 13 : 7)) {
            case 0 -> string(schema);
            case 1 -> number(schema, "integer");
            case 2 -> number(schema, "number");
            case 3 -> schema.addProperty("type", random.nextBoolean() ? "boolean" : "null");
            case 4 -> listed(schema);
            case 5 -> {
                JsonArray types = new JsonArray();
                types.add(random.nextBoolean() ? "string" : "array");
                types.add(random.nextBoolean() ? "null" : "number");
                schema.add("type", types);
            }
            case 6 ->
                schema.addProperty(
                        "$ref", random.nextInt(12) == 0 ? "#" : random.nextBoolean() ? "#/$defs/x" : "#/$defs/y");
            case 7, 8, 9 -> object(schema, depth);
            case 10 -> array(schema, depth);
            case 11 -> choice(schema, depth);
            default -> all(schema, depth);
        }
        return schema;
    }

    private void string(JsonObject schema) {
        schema.addProperty("type", "string");
        int kind = random.nextInt(6);
        if (kind == 0) {
            schema.addProperty("pattern", PATTERNS.get(random.nextInt(PATTERNS.size())));
        } else if (kind == 1) {
            schema.addProperty(
                    "format", List.of("date", "time", "date-time", "uuid").get(random.nextInt(4)));
        }
        if (random.nextInt(3) == 0) {
            schema.addProperty("minLength", random.nextInt(4));
        }
        if (random.nextInt(3) == 0) {
            schema.addProperty("maxLength", random.nextInt(6) == 0 ? 5_000 : random.nextInt(9));
        }
    }

    private void number(JsonObject schema, String type) {
        schema.addProperty("type", type);
        if (random.nextBoolean()) {
            schema.add(random.nextInt(3) == 0 ? "exclusiveMinimum" : "minimum", bound(-1));
        }
        if (random.nextBoolean()) {
            schema.add(random.nextInt(3) == 0 ? "exclusiveMaximum" : "maximum", bound(1));
        }
    }

    private JsonPrimitive bound(int sign) {
        return switch (random.nextInt(6)) {
            case 0 -> new JsonPrimitive(0);
            case 1 -> new JsonPrimitive(random.nextInt(10) - 5);
            case 2 -> new JsonPrimitive(random.nextInt(2_000) - 1_000);
            case 3 -> new JsonPrimitive(sign * random.nextLong() / 2);
            case 4 -> new JsonPrimitive(new BigDecimal(random.nextInt(20_000) - 10_000).movePointLeft(3));
            default -> new JsonPrimitive(sign * random.nextDouble() * 10);
        };
    }

    private void listed(JsonObject schema) {
        JsonArray values = new JsonArray();
        for (int i = random.nextInt(3); i >= 0; i--) {
            values.add(
                    switch (random.nextInt(6)) {
                        case 0 -> new JsonPrimitive(NAMES.get(random.nextInt(NAMES.size())));
                        case 1 -> new JsonPrimitive(random.nextInt(3));
                        case 2 -> new JsonPrimitive(random.nextInt(3) / 2.0);
                        case 3 -> new JsonPrimitive(random.nextBoolean());
                        case 4 -> JsonNull.INSTANCE;
                        default -> {
                            JsonObject object = new JsonObject();
                            object.add("a", new JsonArray());
                            object.addProperty("b", 1e3);
                            yield object;
                        }
                    });
        }
        if (random.nextInt(4) == 0) {
            schema.add("const", values.get(0));
        } else {
            schema.add("enum", values);
        }
        if (random.nextInt(4) == 0) {
            schema.addProperty("type", "string");
        }
    }

    private void object(JsonObject schema, int depth) {
        if (random.nextInt(4) > 0) {
            schema.addProperty("type", "object");
        }
        JsonObject properties = new JsonObject();
        JsonArray required = new JsonArray();
        for (String name : NAMES) {
            if (random.nextInt(3) == 0) {
                properties.add(name, nested(depth));
            }
            if (random.nextInt(properties.has(name) ? 2 : 20) == 0) {
                required.add(name);
            }
        }
        schema.add("properties", properties);
        if (random.nextInt(3) > 0) {
            schema.add("required", required);
        }
        switch (random.nextInt(6)) {
            case 0 -> schema.addProperty("additionalProperties", false);
            case 1 -> schema.add("additionalProperties", nested(depth));
            default -> {}
        }
    }

    private void array(JsonObject schema, int depth) {
        schema.addProperty("type", "array");
        if (random.nextInt(4) > 0) {
            schema.add("items", nested(depth));
        }
        if (random.nextInt(3) == 0) {
            JsonArray prefix = new JsonArray();
            for (int i = random.nextInt(3); i >= 0; i--) {
                prefix.add(nested(depth));
            }
            schema.add("prefixItems", prefix);
        }
        if (random.nextInt(3) == 0) {
            schema.addProperty("minItems", random.nextInt(4));
        }
        if (random.nextInt(3) == 0) {
            schema.addProperty("maxItems", random.nextInt(6));
        }
    }

    private void choice(JsonObject schema, int depth) {
        JsonArray ways = new JsonArray();
        boolean exactlyOne = random.nextInt(3) == 0;
        for (int i = random.nextInt(3); i >= 0; i--) {
            JsonObject way = value(depth - 1);
            if (exactlyOne && random.nextBoolean()) {
                way = new JsonObject();
                object(way, depth);
                JsonObject kind = new JsonObject();
                kind.addProperty("const", i);
                way.getAsJsonObject("properties").add("kind", kind);
                JsonArray required = new JsonArray();
                required.add("kind");
                way.add("required", required);
                way.addProperty("type", "object");
            }
            ways.add(way);
        }
        schema.add(exactlyOne ? "oneOf" : "anyOf", ways);
        if (random.nextInt(4) == 0) {
            string(schema);
        }
    }

    private void all(JsonObject schema, int depth) {
        JsonArray all = new JsonArray();
        JsonObject first = new JsonObject();
        object(first, depth);
        all.add(first);
        JsonObject second = random.nextBoolean() ? new JsonObject() : value(depth - 1);
        if (second.size() == 0) {
            object(second, depth);
        }
        all.add(second);
        schema.add("allOf", all);
        if (random.nextInt(3) == 0) {
            object(schema, depth);
        }
    }
}
