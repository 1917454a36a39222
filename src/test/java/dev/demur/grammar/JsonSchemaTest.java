package dev.demur.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(1800)
class JsonSchemaTest {

    static final String PERSON = """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$defs": {
                "address": {
                  "type": "object",
                  "properties": {
                    "street": {"type": "string", "minLength": 1, "maxLength": 40},
                    "zip": {"type": "string", "pattern": "^[0-9]{5}$"},
                    "country": {"enum": ["DE", "FR", "\\u00d6"]}
                  },
                  "required": ["street", "country"],
                  "additionalProperties": false
                }
              },
              "title": "Person",
              "type": "object",
              "properties": {
                "name": {"type": "string", "description": "in full", "examples": ["A"]},
                "born": {"type": "string", "format": "date"},
                "age": {"type": ["integer", "null"], "minimum": 0, "maximum": 130, "default": null},
                "home": {"$ref": "#/$defs/address"},
                "share": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
                "friends": {"type": "array", "items": {"$ref": "#"}, "maxItems": 2},
                "id": {"type": "string", "format": "uuid"},
                "shape": {"oneOf": [
                  {"properties": {"kind": {"const": "circle"}, "r": {"type": "number"}}, "required": ["kind", "r"]},
                  {"properties": {"kind": {"const": "box"}, "w": {"type": "integer"}}, "required": ["kind"]}
                ]}
              },
              "required": ["name", "age", "home"]
            }
            """;

    private static boolean reads(Grammar grammar, String text) {
        GrammarMatcher matcher = new GrammarMatcher(grammar);
        GrammarMatcher.Place place = matcher.start();
        for (byte next : text.getBytes(StandardCharsets.UTF_8)) {
            matcher.begin();
            place = place == null ? null : matcher.after(place, next);
        }
        return place != null && place.mayEnd();
    }

    /** A schema, and texts that its grammar reads and does not. */
    record Read(String schema, List<String> good, List<String> bad) {}

    static List<Read> read() {
        return List.of(
                new Read(
                        "true",
                        List.of("{}", "[1, {\"a\":null}]", "\"x\"", "-0.5e-3"),
                        List.of("", " 1", "1 ", "01", "nul")),
                new Read("{}", List.of("{\"a\": [ ]}", "{\n\t\"a\":1,\n\t\"b\":2\n}"), List.of("{\"a\":  1}", "{,}")),
                new Read(
                        "{\"type\":\"integer\"}",
                        List.of("0", "-7", "123456789012345"),
                        List.of("-0", "1.0", "1e3", "01")),
                new Read("{\"type\":\"number\"}", List.of("0", "-7.25", "1e9"), List.of("1.", ".5", "+1", "1e123")),
                new Read("{\"type\":\"boolean\"}", List.of("true", "false"), List.of("True", "1")),
                new Read(
                        "{\"type\":[\"string\",\"null\"]}",
                        List.of("null", "\"\"", "\"\\u00e9\\\"\""),
                        List.of("1", "\"\n\"")),
                new Read(
                        "{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}",
                        List.of("\"ab\"", "\"\\n\ud83d\ude42c\"", "\"\\u00e9\\u00e9\""),
                        List.of("\"a\"", "\"abcd\"", "\"\\ud83d\\ude42\"")),
                new Read("{\"minLength\":1}", List.of("\"a\""), List.of("\"\"", "1")),
                new Read("{\"type\":\"string\",\"maxLength\":0}", List.of("\"\""), List.of("\"a\"")),
                new Read(
                        "{\"enum\":[1,\"a\\\"\",null,[1,{\"b\":2}]]}",
                        List.of("1", "\"a\\\"\"", "null", "[1, {\"b\": 2}]"),
                        List.of("2")),
                new Read("{\"enum\":[1,\"a\",2.5],\"type\":\"integer\"}", List.of("1"), List.of("\"a\"", "2.5")),
                new Read("{\"enum\":[1,5,9],\"minimum\":3,\"exclusiveMaximum\":9}", List.of("5"), List.of("1", "9")),
                new Read("{\"const\":\"\u00e9\\n\"}", List.of("\"\u00e9\\n\""), List.of("\"\u00e9\n\"")),
                new Read(
                        "{\"minimum\":10,\"maximum\":205,\"type\":\"integer\"}",
                        List.of("10", "99", "205"),
                        List.of("9", "206", "-10")),
                new Read(
                        "{\"minimum\":-5,\"maximum\":5,\"type\":\"integer\"}",
                        List.of("-5", "0", "5"),
                        List.of("-6", "6", "-0")),
                new Read(
                        "{\"exclusiveMinimum\":1.5,\"type\":\"integer\"}",
                        List.of("2", "999999999999999"),
                        List.of("1", "0")),
                new Read(
                        "{\"exclusiveMinimum\":2,\"exclusiveMaximum\":4,\"type\":\"integer\"}",
                        List.of("3"),
                        List.of("2", "4")),
                new Read(
                        "{\"minimum\":-9223372036854775808,\"maximum\":9223372036854775807,\"type\":\"integer\"}",
                        List.of("-999999999999999", "999999999999999"),
                        List.of("1000000000000000")),
                new Read(
                        "{\"minimum\":0,\"exclusiveMaximum\":1,\"type\":\"number\"}",
                        List.of("0", "0.999", "0.0"),
                        List.of("1", "1.0", "-0.1", "0.")),
                new Read(
                        "{\"minimum\":-0.25,\"maximum\":1.05,\"type\":\"number\"}",
                        List.of("-0.25", "-0.250", "-0", "0.3", "1.05", "1.0", "1.050"),
                        List.of("-0.251", "1.051", "1.06", "-1", "1e0")),
                new Read(
                        "{\"exclusiveMinimum\":1.25,\"maximum\":1.5,\"type\":\"number\"}",
                        List.of("1.2500001", "1.3", "1.5", "1.50"),
                        List.of("1.25", "1.250", "1.2", "1.51")),
                new Read(
                        "{\"type\":\"string\",\"format\":\"date\"}",
                        List.of("\"2024-02-29\"", "\"1999-12-31\"", "\"2000-02-29\""),
                        List.of(
                                "\"2023-02-29\"",
                                "\"1900-02-29\"",
                                "\"2024-04-31\"",
                                "\"2024-00-10\"",
                                "\"24-01-01\"")),
                new Read(
                        "{\"type\":\"string\",\"format\":\"time\"}",
                        List.of("\"23:59:59Z\"", "\"00:00:00.5+01:00\""),
                        List.of("\"24:00:00Z\"", "\"10:00:00\"")),
                new Read(
                        "{\"type\":\"string\",\"format\":\"date-time\"}",
                        List.of("\"2024-02-29T10:00:00Z\""),
                        List.of("\"2024-02-29 10:00:00Z\"")),
                new Read(
                        "{\"type\":\"string\",\"format\":\"uuid\"}",
                        List.of("\"123e4567-e89b-12d3-a456-426614174000\""),
                        List.of("\"123e4567e89b12d3a456426614174000\"")),
                new Read(
                        "{\"type\":\"string\",\"pattern\":\"b\"}",
                        List.of("\"b\"", "\"abc\"", "\"\\\"b\\n\""),
                        List.of("\"ac\"", "\"\"")),
                new Read("{\"pattern\":\"^a|b$\"}", List.of("\"ax\"", "\"xb\""), List.of("\"xa\"", "\"bx\"")),
                new Read(
                        "{\"pattern\":\"^[^\\\"x]\\\\\\\\$\"}",
                        List.of("\"a\\\\\"", "\"\\n\\\\\""),
                        List.of("\"\\\"\\\\\"", "\"x\\\\\"")),
                new Read(
                        "{\"pattern\":\"^[^\\\\s]\\\\S$\"}",
                        List.of("\"ab\""),
                        List.of("\"\u00a0a\"", "\"a\u00a0\"", "\"a \"")),
                new Read("{\"pattern\":\"^(a*b?)*$\"}", List.of("\"\"", "\"aabba\""), List.of("\"c\"")),
                new Read(
                        "{\"pattern\":\"^[a-z]\\\\w*$\",\"maxLength\":3}",
                        List.of("\"a\"", "\"a_9\""),
                        List.of("\"a_9x\"", "\"9\"")),
                new Read(
                        "{\"pattern\":\"^(?<y>\\\\d{4})-(?:\\\\d{2,})$\"}",
                        List.of("\"2024-123\""), List.of("\"2024-1\"")),
                new Read(
                        "{\"type\":\"array\",\"items\":{\"type\":\"null\"},\"minItems\":1,\"maxItems\":2}",
                        List.of("[null]", "[ null, null ]"),
                        List.of("[]", "[null,null,null]")),
                new Read("{\"items\":false}", List.of("[]", "[\n]"), List.of("[1]", "1")),
                new Read(
                        "{\"prefixItems\":[{\"const\":1},{\"const\":2}]}",
                        List.of("[]", "[1]", "[1, 2]"),
                        List.of("[2]", "[1,2,3]")),
                new Read(
                        "{\"items\":[{\"const\":1}],\"additionalItems\":{\"const\":2},\"minItems\":2}",
                        List.of("[1,2]", "[1,2,2]"),
                        List.of("[1]", "[1,1]")),
                new Read("{\"prefixItems\":[{\"const\":1}],\"minItems\":2}", List.of("[1,{}]"), List.of("[1]")),
                new Read("{\"type\":\"array\",\"maxItems\":0}", List.of("[]"), List.of("[1]")),
                new Read(
                        "{\"properties\":{\"a\":{\"const\":1},\"b\":{\"const\":2},\"c\":{\"const\":3}},\"required\":[\"b\"]}",
                        List.of("{\"b\":2}", "{\"a\": 1, \"b\": 2, \"c\": 3}", "{\"b\":2,\"c\":3}"),
                        List.of("{}", "{\"a\":1}", "{\"b\":2,\"a\":1}", "{\"b\":2,\"d\":1}", "{\"b\":2,}")),
                new Read("{\"required\":[\"x\"]}", List.of("{\"x\":[1]}"), List.of("{}", "{\"x\":1,\"y\":2}")),
                new Read(
                        "{\"properties\":{\"ab\":{\"const\":1}},\"additionalProperties\":{\"const\":2}}",
                        List.of("{}", "{\"ab\":1}", "{\"a\":2}", "{\"ab\":1,\"abc\":2}", "{\"b\":2, \"\u00e9\":2}"),
                        List.of("{\"ab\":2}", "{\"a\":1}", "{\"\\u0061b\":2}", "{\"\":2}")),
                new Read(
                        "{\"properties\":{\"a\":false,\"b\":{\"const\":1}}}",
                        List.of("{}", "{\"b\":1}"),
                        List.of("{\"a\":1}")),
                new Read(
                        "{\"properties\":{\"q\\\"\\\\\":{\"const\":1}}}",
                        List.of("{\"q\\\"\\\\\":1}"),
                        List.of("{\"q\":1}")),
                new Read(
                        "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}],\"maxLength\":1}",
                        List.of("\"a\"", "7"),
                        List.of("\"ab\"")),
                new Read(
                        "{\"allOf\":[{\"properties\":{\"a\":{\"minimum\":1}},\"required\":[\"a\"]},{\"properties\":{\"a\":{\"type\":\"integer\",\"maximum\":2}}}]}",
                        List.of("{\"a\":1}", "{\"a\":2}"),
                        List.of("{\"a\":3}", "{}", "{\"a\":1.5}")),
                new Read(
                        "{\"allOf\":[{\"properties\":{\"a\":{\"const\":1}},\"additionalProperties\":false},{\"properties\":{\"b\":{\"const\":1}}}]}",
                        List.of("{}", "{\"a\":1}"),
                        List.of("{\"b\":1}", "{\"a\":1,\"b\":1}")),
                new Read("{\"allOf\":[{\"enum\":[1,2]},{\"enum\":[2,3]}]}", List.of("2"), List.of("1", "3")),
                new Read(
                        "{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}",
                        List.of("null", "\"a\""),
                        List.of("1")),
                new Read(
                        "{\"oneOf\":[{\"required\":[\"a\"],\"properties\":{\"a\":true}},{\"required\":[\"b\"],\"properties\":{\"b\":true}}]}",
                        List.of("{\"a\":1}", "{\"b\":1}"),
                        List.of("{}", "{\"a\":1,\"b\":1}")),
                new Read(
                        "{\"$ref\":\"#/definitions/a~1b%25\",\"definitions\":{\"a/b%\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/definitions/a~1b%25\"}}}}",
                        List.of("[]", "[[],[[]]]"), List.of("[1]")),
                new Read(
                        "{\"properties\":{\"n\":{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]}},\"required\":[\"n\"]}",
                        List.of("{\"n\":null}", "{\"n\": {\"n\": null}}"),
                        List.of("{}", "{\"n\":{}}")));
    }

    @ParameterizedTest
    @MethodSource("read")
    void a_schema_becomes_a_grammar_of_what_fits_it(Read read) {
        Grammar grammar = Grammar.ofJsonSchema(read.schema);
        for (String good : read.good) {
            assertNull(SchemaCheck.problem(withoutOldKeywords(read.schema), good), good);
            assertTrue(reads(grammar, good), () -> good + " is not read by\n" + grammar);
        }
        for (String bad : read.bad) {
            assertFalse(reads(grammar, bad), () -> bad + " is read by\n" + grammar);
        }
    }

    private static String withoutOldKeywords(String schema) {
        return schema.replaceFirst("\"items\":\\[", "\"prefixItems\":[")
                .replace("additionalItems", "items")
                .replace("definitions", "$defs")
                .replace("a~1b%25", "ab")
                .replace("a/b%", "ab");
    }

    @Test
    void five_hundred_random_replies_by_an_ordinary_schema_fit_it() {
        long seed = Long.getLong("demur.test.seed", System.nanoTime());
        Random random = new Random(seed);
        Grammar grammar = Grammar.ofJsonSchema(PERSON);
        for (int i = 0; i < 500; i++) {
            String reply = RandomText.of(grammar, random, random.nextInt(150));
            assertNotNull(reply, "seed " + seed);
            assertNull(
                    SchemaCheck.problem(
                            PERSON.replaceFirst("\"\\$schema\".*\n", "")
                                    .replaceAll(", \"(default|examples)\": (null|\\[\"A\"\\])", ""),
                            reply),
                    reply + ", seed " + seed);
        }
    }

    /** A schema, what is said of it, and where. */
    record Bad(String schema, String says, String place) {
        @Override
        public String toString() {
            return schema.substring(0, Math.min(80, schema.length()));
        }
    }

    private static String chain(int length, String link) {
        return "{\"$ref\":\"#/$defs/d0\",\"$defs\":{"
                + IntStream.range(0, length)
                        .mapToObj(i -> "\"d" + i + "\":" + link.replace("NEXT", "#/$defs/d" + (i + 1)) + ",")
                        .collect(Collectors.joining())
                + "\"d" + length + "\":{\"type\":\"null\"}}}";
    }

    private static String many(int count, String each) {
        return IntStream.range(0, count)
                .mapToObj(i ->
                        each.replace("A#N", Character.toString(0x4E00 + 2 * i)).replace("#N", String.valueOf(i)))
                .collect(Collectors.joining(","));
    }

    static List<Bad> bad() {
        return List.of(
                new Bad("", "ends in the middle", "line 1, column 1: "),
                new Bad("3", "a schema is an object", "#: "),
                new Bad("false", "the schema false", "#: "),
                new Bad("{\"type\":\"string\",\"type\":\"null\"}", "twice", "line 1, column 18: "),
                new Bad("{\"type\":\"text\"}", "no type 'text'", "#/type: "),
                new Bad("{\"type\":3}", "must be a string", "#/type: "),
                new Bad(
                        "{\n \"properties\": {\"a\":\n {\"multipleOf\": 2}}}",
                        "'multipleOf' is not supported",
                        "line 3, column 3: #/properties/a/multipleOf: "),
                new Bad("{\"patternProperties\":{}}", "'patternProperties' is not supported", "#/patternProperties: "),
                new Bad("{\"anyOf\":[true,{\"not\":{}}]}", "'not' is not supported", "#/anyOf/1/not: "),
                new Bad("{\"if\":{}}", "'if' is not supported", "#/if: "),
                new Bad("{\"uniqueItems\":true}", "'uniqueItems' is not supported", "#/uniqueItems: "),
                new Bad("{\"minProperties\":1}", "'minProperties' is not supported", "#/minProperties: "),
                new Bad("{\"requierd\":[\"a\"]}", "'requierd' is not supported", "#/requierd: "),
                new Bad("{\"format\":\"email\"}", "'email' is not supported", "#/format: "),
                new Bad("{\"pattern\":\"(?=a)\"}", "(?=", "#/pattern: "),
                new Bad("{\"pattern\":\"(a)\\\\1\"}", "escape \\1", "#/pattern: "),
                new Bad("{\"pattern\":\"\\\\bword\"}", "escape \\b", "#/pattern: "),
                new Bad("{\"pattern\":\"(^a)\"}", "^ stands within", "#/pattern: "),
                new Bad("{\"pattern\":\"a$b\"}", "$ stands within", "#/pattern: "),
                new Bad("{\"pattern\":\"(a\"}", ") of a group", "#/pattern: "),
                new Bad("{\"pattern\":\"a)\"}", "closes no group", "#/pattern: "),
                new Bad("{\"pattern\":\"[a\"}", "] of a class", "#/pattern: "),
                new Bad("{\"pattern\":\"[z-a]\"}", "ends before", "#/pattern: "),
                new Bad("{\"pattern\":\"*\"}", "nothing to repeat", "#/pattern: "),
                new Bad("{\"pattern\":\"\\\\\"}", "escape", "#/pattern: "),
                new Bad("{\"pattern\":\"^[^\\\\s\\\\S]$\"}", "no such string", "#/pattern: "),
                new Bad("{\"pattern\":\"^a*b*$\",\"minLength\":2}", "beside minLength", "#/pattern: "),
                new Bad("{\"pattern\":\"a\",\"format\":\"date\"}", "one pattern", "#/format: "),
                new Bad("{\"enum\":[\"a\"],\"pattern\":\"b\"}", "beside enum", "#/pattern: "),
                new Bad("{\"enum\":[]}", "empty", "#/enum: "),
                new Bad("{\"enum\":[" + many(6_000, "#N") + "]}", "more than 5000 values", "#/enum: "),
                new Bad("{\"enum\":[1],\"type\":\"string\"}", "none of the listed", "#: "),
                new Bad("{\"minLength\":-1}", "whole number", "#/minLength: "),
                new Bad("{\"minLength\":2.5}", "whole number", "#/minLength: "),
                new Bad("{\"minLength\":30000}", "at most 20000", "#: "),
                new Bad("{\"minItems\":3,\"maxItems\":2}", "below minItems", "#: "),
                new Bad("{\"minLength\":3,\"maxLength\":2}", "below the least", "#: "),
                new Bad("{\"type\":\"integer\",\"minimum\":3,\"maximum\":2}", "no integer", "#: "),
                new Bad("{\"type\":\"integer\",\"minimum\":1e300}", "no integer", "#: "),
                new Bad("{\"type\":\"number\",\"exclusiveMinimum\":3,\"maximum\":3}", "no number", "#: "),
                new Bad("{\"type\":\"number\",\"minimum\":1e-300}", "digits behind the point", "#: "),
                new Bad("{\"exclusiveMinimum\":true}", "must be a number", "#/exclusiveMinimum: "),
                new Bad("{\"allOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "no type is left", "#/allOf/0: "),
                new Bad("{\"properties\":{\"a\":false},\"required\":[\"a\"]}", "schema false", "#/properties/a: "),
                new Bad(
                        "{\"additionalProperties\":false,\"required\":[\"a\"]}",
                        "schema false",
                        "#/additionalProperties: "),
                new Bad("{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}", "schemas 0 and 1", "#/oneOf: "),
                new Bad(
                        "{\"oneOf\":[{\"properties\":{\"a\":true}},{\"properties\":{\"b\":true}}]}",
                        "write anyOf",
                        "#/oneOf: "),
                new Bad("{\"$ref\":\"other.json\"}", "not within this schema", "#/$ref: "),
                new Bad("{\"$ref\":\"#/$defs/none\"}", "nothing at", "#/$ref: "),
                new Bad("{\"$ref\":\"#anchor\"}", "not within", "#/$ref: "),
                new Bad("{\"$ref\":\"#\"}", "to itself before", "#: "),
                new Bad("{\"allOf\":[{\"$ref\":\"#\"}]}", "to itself before", "#: "),
                new Bad("{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]}", "to itself before", "#"),
                new Bad(
                        "{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]}",
                        "hold another one like it",
                        "#: "),
                new Bad("{\"items\":{\"$ref\":\"#\"},\"minItems\":1}", "hold another one like it", "#: "),
                new Bad(chain(50_000, "{\"$ref\":\"NEXT\"}").substring(0, 900_000), "does not end", "line 1"),
                new Bad(chain(10_000, "{\"$ref\":\"NEXT\"}"), "more than 200 schemas", "#/$defs/d"),
                new Bad(chain(10_000, "{\"anyOf\":[{\"$ref\":\"NEXT\"},{\"const\":1}]}"), "rules", "#/$defs/d"),
                new Bad(chain(10_000, "{\"items\":{\"$ref\":\"NEXT\"}}"), "rules", "#/$defs/d"),
                new Bad(
                        chain(10_000, "{\"required\":[\"a\"],\"properties\":{\"a\":{\"$ref\":\"NEXT\"}}}"),
                        "rules",
                        "#/$defs/d"),
                new Bad(
                        "{\"allOf\":["
                                + many(
                                        12,
                                        "{\"anyOf\":["
                                                + "{\"minLength\":#N},{\"maxLength\":3#N},{\"minimum\":#N},{\"maxItems\":#N}"
                                                + "]}")
                                + "]}",
                        "rules",
                        "#"),
                new Bad(
                        "{\"items\":".repeat(250) + "true" + "}".repeat(250),
                        "nested more than 200",
                        "line 1, column 1801: "),
                new Bad("[".repeat(500_000), "nested more than 200", "line 1, column 201: "),
                new Bad("{\"properties\":{" + many(20_000, "\"p#N\":{\"type\":\"string\"}") + "}}", "rules", "#: "),
                new Bad(
                        "{\"additionalProperties\":true,\"properties\":{\"" + "a".repeat(100_000) + "\":true}}",
                        "rules",
                        "#: "),
                new Bad("{\"const\":\"" + "a".repeat(300_000) + "\"}", "characters", "#: "),
                new Bad(
                        "{\"properties\":{\"" + "a".repeat(300_000) + "\":{\"not\":true}}}",
                        "'not' is not supported",
                        "…"),
                new Bad(
                        "{\"properties\":{" + many(100, "\"p#N\":{\"pattern\":\"^[a-zA#N]{0,20000}$\"}") + "}}",
                        "grammar of this JSON schema is too large",
                        "line 1"),
                new Bad("{\"pattern\":\"" + "a".repeat(3_000) + "\"}", "2000 characters", "#/pattern: "),
                new Bad("{\"pattern\":\"" + "(".repeat(30) + ")".repeat(30) + "\"}", "20 deep", "#/pattern: "),
                new Bad(" ".repeat(2_000_000) + "{}", "at most 1048576", "line 1, column 1: "));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void what_is_no_schema_or_too_much_of_one_is_told_soon_with_its_place(Bad bad) {
        String message = assertTimeoutPreemptively(
                Duration.ofMinutes(30),
                () -> String.valueOf(assertThrows(GrammarException.class, () -> Grammar.ofJsonSchema(bad.schema))
                        .getMessage()));
        assertTrue(message.startsWith("JSON schema, line ") && message.contains(bad.says), message);
        assertTrue(message.contains(bad.place), message);
        assertTrue(message.length() < 700, message.length() + " characters");
    }

    @Test
    void a_reference_has_the_line_and_column_of_the_keyword() {
        GrammarException e = assertThrows(
                GrammarException.class, () -> Grammar.ofJsonSchema("{\"type\": \"object\",\n  \"not\": {}}"));
        assertEquals(List.of(2, 3), List.of(e.line(), e.column()));
    }

    @Test
    void ordinary_but_large_schemas_become_grammars_that_can_be_followed() {
        String names = many(400, "\"p#N\":{\"type\":\"string\",\"maxLength\":255}");
        for (String schema : List.of(
                "{\"properties\":{" + names + "}}",
                "{\"properties\":{" + names + "},\"required\":[" + many(400, "\"p#N\"") + "]}",
                "{\"properties\":{" + many(100, "\"p#N\":{\"type\":\"integer\"}") + "},\"additionalProperties\":true}",
                "{\"enum\":[" + many(4_000, "\"word #N\"") + "]}",
                "{\"type\":\"array\",\"minItems\":1500,\"maxItems\":7000,\"items\":{\"type\":\"boolean\"}}",
                "{\"type\":\"string\",\"minLength\":2100,\"maxLength\":2147483647}",
                "{\"items\":".repeat(60) + "{\"type\":\"null\"}" + "}".repeat(60))) {
            Grammar grammar = Grammar.ofJsonSchema(schema);
            Random random = new Random(7);
            for (int i = 0; i < 2; i++) {
                String text = RandomText.of(grammar, random, 30);
                assertNotNull(text);
                assertNull(SchemaCheck.problem(schema, text), text);
            }
        }
    }

    @Test
    void long_strings_are_bounded_exactly() {
        Grammar grammar = Grammar.ofJsonSchema("{\"minLength\":1234,\"maxLength\":5678}");
        for (int length : new int[] {1_233, 1_234, 1_733, 1_734, 3_000, 5_677, 5_678, 5_679}) {
            boolean fits = length >= 1_234 && length <= 5_678;
            assertEquals(fits, reads(grammar, "\"" + "x".repeat(length) + "\""), length + " characters");
        }
    }

    @Test
    void integers_between_bounds_are_exactly_those() {
        Random random = new Random(5);
        for (int round = 0; round < 60; round++) {
            int low = random.nextInt(round % 2 == 0 ? 30 : 2_400) - (round % 2 == 0 ? 15 : 1_200);
            int high = low + random.nextInt(round % 2 == 0 ? 12 : 1_500);
            Grammar grammar =
                    Grammar.ofJsonSchema("{\"type\":\"integer\",\"minimum\":" + low + ",\"maximum\":" + high + "}");
            for (int i = low - 30; i <= high + 30; i++) {
                assertEquals(
                        i >= low && i <= high, reads(grammar, String.valueOf(i)), i + " in " + low + " to " + high);
            }
        }
    }

    @Test
    void decimals_between_bounds_are_exactly_those() {
        Random random = new Random(6);
        for (int round = 0; round < 60; round++) {
            int low = random.nextInt(500) - 250;
            int high = low + 1 + random.nextInt(300);
            boolean exclusive = random.nextBoolean();
            Grammar grammar =
                    Grammar.ofJsonSchema("{\"type\":\"number\",\"" + (exclusive ? "exclusiveMinimum" : "minimum")
                            + "\":" + decimal(low) + ",\"" + (exclusive ? "exclusiveMaximum" : "maximum") + "\":"
                            + decimal(high)
                            + "}");
            for (int i = low - 40; i <= high + 40; i++) {
                boolean fits = exclusive ? i > low && i < high : i >= low && i <= high;
                assertEquals(fits, reads(grammar, decimal(i)), decimal(i) + " in " + grammar);
                assertEquals(fits, reads(grammar, decimal(i) + "00"), decimal(i) + "00 in " + grammar);
            }
        }
    }

    private static String decimal(int hundredths) {
        return new BigDecimal(hundredths).movePointLeft(2).setScale(2).toPlainString();
    }

    @Test
    void a_file_is_read_and_its_name_said_where_it_is_bad(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), "\ufeff" + PERSON.replace("\n", "\r\n"));
        assertEquals(Grammar.ofJsonSchema(PERSON), Grammar.readJsonSchema(file));
        Files.writeString(file, "{\"not\": {}}");
        String message = String.valueOf(assertThrows(DemurException.class, () -> Grammar.readJsonSchema(file))
                .getMessage());
        assertEquals(file + ": JSON schema, line 1, column 2: #/not: the keyword 'not' is not supported", message);
        assertThrows(DemurException.class, () -> Grammar.readJsonSchema(folder.resolve("none")));
    }
}
