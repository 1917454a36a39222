package dev.demur.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(1800)
class StrictJsonTest {

    private static final int DEEPEST = 40;

    @Test
    void values_know_where_they_stand() {
        JsonObject root = assertInstanceOf(
                JsonObject.class, StrictJson.parse("\ufeff{ \"a\" : [1.50,\n\"\\u00e9\\ud83d\\ude42\"]}", DEEPEST));
        JsonValue.Member member = root.members().get("a");
        assertEquals(
                List.of(1, 3, 9), List.of(root.at(), member.at(), member.value().at()));
        JsonArray array = assertInstanceOf(JsonArray.class, member.value());
        JsonNumber number = assertInstanceOf(JsonNumber.class, array.values().get(0));
        assertEquals("1.50", number.literal());
        assertEquals(new BigDecimal("1.50"), number.value());
        assertEquals(new JsonString(16, "\u00e9\ud83d\ude42"), array.values().get(1));
        assertEquals(BigDecimal.ZERO, ((JsonNumber) StrictJson.parse("-0.0e-999999999", 0)).value());
    }

    /** A text, what is said of it, and where. */
    record Bad(String text, String says, int line, int column) {}

    static List<Bad> bad() {
        return List.of(
                new Bad("", "ends in the middle", 1, 1),
                new Bad(" \n ", "ends in the middle", 2, 2),
                new Bad("{\"a\":1,\n \"a\":2}", "twice", 2, 2),
                new Bad("{\"a\":1,\"\\u0061\":2}", "twice", 1, 8),
                new Bad("{\"a\" 1}", "a colon", 1, 6),
                new Bad("{a:1}", "name in quotation marks", 1, 2),
                new Bad("{\"a\":1,}", "name in quotation marks", 1, 8),
                new Bad("[1,]", "a JSON value", 1, 4),
                new Bad("[1 2]", "a comma or ]", 1, 4),
                new Bad("{\"a\":1", "ends in the middle", 1, 7),
                new Bad("[", "ends in the middle", 1, 2),
                new Bad("[]x", "goes on", 1, 3),
                new Bad("01", "goes on", 1, 2),
                new Bad("-", "ends in the middle", 1, 2),
                new Bad("1.x", "a digit", 1, 3),
                new Bad("1e", "ends in the middle", 1, 3),
                new Bad(".5", "a JSON value", 1, 1),
                new Bad("+1", "a JSON value", 1, 1),
                new Bad("NaN", "a JSON value", 1, 1),
                new Bad("True", "a JSON value", 1, 1),
                new Bad("truex", "goes on", 1, 5),
                new Bad("'a'", "a JSON value", 1, 1),
                new Bad("[//a\n]", "a JSON value", 1, 2),
                new Bad("\"a", "does not end", 1, 1),
                new Bad("\"a\tb\"", "control character", 1, 3),
                new Bad("\"\\x\"", "no such escape", 1, 2),
                new Bad("\"\\u00g0\"", "four hexadecimal", 1, 2),
                new Bad("[\"\\ud83d\"]", "half a character", 1, 2),
                new Bad("\"\ude42\"", "half a character", 1, 1),
                new Bad("1e999", "too large", 1, 1),
                new Bad("1e-999", "too small", 1, 1),
                new Bad("1" + "0".repeat(1_000), "1000 characters", 1, 1),
                new Bad("\ufeff\ufeff1", "a JSON value", 1, 2),
                new Bad("[".repeat(DEEPEST + 1), "nested more than", 1, DEEPEST + 1),
                new Bad("[".repeat(1_000_000), "nested more than", 1, DEEPEST + 1));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void what_is_no_strict_json_is_told_with_its_place(Bad bad) {
        JsonException e = assertThrows(JsonException.class, () -> StrictJson.parse(bad.text, DEEPEST));
        assertTrue(e.problem().contains(bad.says), e.problem());
        assertEquals(new TextPosition(bad.line, bad.column), e.position());
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("line " + bad.line + ", column " + bad.column), message);
        assertTrue(message.endsWith(": " + e.problem()), message);
    }

    @Test
    void the_path_to_what_is_wrong_is_told_on_one_line_of_bounded_length() {
        assertEquals(
                "line 1, column 21, in or after a.b[2].c: a number is too large",
                message("{\"a\":{\"b\":[1,2,{\"c\":1e999}]}}"));
        assertEquals(
                "line 1, column 8, in or after a\\nb: this is not JSON: there must be a colon",
                message("{\"a\\nb\"x}"));
        String longest = message("{\"" + "x".repeat(100_000) + "\":" + "[".repeat(DEEPEST) + "!");
        assertTrue(longest.length() < 400, longest);
    }

    private static String message(String text) {
        return String.valueOf(assertThrows(JsonException.class, () -> StrictJson.parse(text, DEEPEST))
                .getMessage());
    }

    /** As a program may have many threads with little stack. */
    @Test
    void depth_takes_no_stack() throws InterruptedException {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);
        AtomicReference<Object> read = new AtomicReference<>();
        Thread small = new Thread(
                null,
                () -> {
                    try {
                        read.set(StrictJson.parse(deep, 100_000));
                    } catch (JsonException | StackOverflowError e) {
                        read.set(e);
                    }
                },
                "little stack",
                64 * 1024);
        small.start();
        small.join();
        assertTrue(
                read.get() instanceof JsonValue.JsonArray,
                () -> String.valueOf(read.get().getClass()));
    }

    private static final String ALPHABET = "[]{}\",:\\u0123abtrufalsen-+.eE \n\t/*'\u00e9";
    private static final List<String> PIECES =
            List.of("[1,", "{\"a\":", "\"\\u00e9\"", "null", "true,", "false", "-0.5e+3", "\"b\":[", "]}", "}", "]");

    /** Gson's strict reader is the oracle, but for what is narrower here. */
    @Test
    void random_texts_are_read_as_gson_reads_them() {
        long seed = Long.getLong("demur.test.seed", System.nanoTime());
        Random random = new Random(seed);
        int read = 0;
        for (int round = 0; round < 50_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(10); i >= 0; i--) {
                text.append(
                        random.nextInt(3) > 0
                                ? PIECES.get(random.nextInt(PIECES.size()))
                                : String.valueOf(ALPHABET.charAt(random.nextInt(ALPHABET.length()))));
            }
            JsonElement expected = byGson(text.toString());
            try {
                JsonValue value = StrictJson.parse(text.toString(), DEEPEST);
                assertEquals(expected, gson(value), text + ", seed " + seed);
                read++;
            } catch (JsonException e) {
                assertTrue(
                        expected == null || e.problem().matches(".*(twice|too large|too small).*"),
                        text + " is refused: " + e.getMessage() + ", seed " + seed);
            }
        }
        assertTrue(read > 100, read + " were read, seed " + seed);
    }

    private static @Nullable JsonElement byGson(String text) {
        try {
            JsonReader reader = new JsonReader(new StringReader(text));
            reader.setStrictness(Strictness.STRICT);
            JsonElement element = JsonParser.parseReader(reader);
            return reader.peek() == JsonToken.END_DOCUMENT && !text.isBlank() ? element : null;
        } catch (JsonParseException | IOException e) {
            return null;
        }
    }

    private static JsonElement gson(JsonValue value) {
        if (value instanceof JsonObject object) {
            com.google.gson.JsonObject members = new com.google.gson.JsonObject();
            object.members().forEach((name, member) -> members.add(name, gson(member.value())));
            return members;
        }
        if (value instanceof JsonArray array) {
            com.google.gson.JsonArray elements = new com.google.gson.JsonArray();
            array.values().forEach(each -> elements.add(gson(each)));
            return elements;
        }
        if (value instanceof JsonString string) {
            return new com.google.gson.JsonPrimitive(string.value());
        }
        if (value instanceof JsonNumber number) {
            return JsonParser.parseString(number.literal());
        }
        return value instanceof JsonValue.JsonBoolean flag
                ? new com.google.gson.JsonPrimitive(flag.value())
                : com.google.gson.JsonNull.INSTANCE;
    }
}
