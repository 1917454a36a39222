package dev.demur.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Policies of older releases were written by Gson; what is written again has the same bytes. */
class JsonTextTest {

    private static final GsonBuilder GSON = new GsonBuilder().serializeNulls().disableHtmlEscaping();
    private static final Gson COMPACT = GSON.create();
    private static final Gson PRETTY = GSON.setPrettyPrinting().create();

    private static JsonElement random(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 5 : 7)) {
            case 0 -> new JsonPrimitive(text(random));
            case 1 -> new JsonPrimitive(random.nextLong() >> (8 + random.nextInt(56)));
            case 2 -> new JsonPrimitive(random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20));
            case 3 -> new JsonPrimitive(random.nextBoolean());
            case 4 -> JsonNull.INSTANCE;
            case 5 -> {
                JsonArray array = new JsonArray();
                random.ints(random.nextInt(4)).forEach(i -> array.add(random(random, depth - 1)));
                yield array;
            }
            default -> {
                JsonObject object = new JsonObject();
                random.ints(random.nextInt(4)).forEach(i -> object.add(text(random), random(random, depth - 1)));
                yield object;
            }
        };
    }

    /** Of characters that JSON, JavaScript or HTML escape, and others. */
    private static String text(Random random) {
        String some = "\"\\/<>&='\b\t\n\f\r\u0000\u001f\u007f\u0085\u2027\u2028\u2029\u202a\ud83d\ude00 \u00e9a1";
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.appendCodePoint(some.codePointAt(
                    some.offsetByCodePoints(0, random.nextInt(some.codePointCount(0, some.length())))));
        }
        return text.toString();
    }

    @Test
    void all_values_are_written_to_the_byte_as_gson_writes_them() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            JsonElement element = random(random, 4);
            String compact = COMPACT.toJson(element);
            String pretty = PRETTY.toJson(element);
            assertEquals(compact, JsonText.compact(StrictJson.parse(compact, 8)), "seed " + seed);
            assertEquals(pretty, JsonText.pretty(StrictJson.parse(pretty, 8)), "seed " + seed);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0, 0",
        "-0.0, -0.0",
        "1.50, 1.5",
        "1e5, 100000.0",
        "1E-7, 1.0E-7",
        "-12345678901234567, -12345678901234567",
        "123456789012345678, 123456789012345678",
        "2000000000000000000, 2.0E18"
    })
    void a_number_is_written_as_java_writes_it(String read, String written) {
        assertEquals(written, JsonText.compact(StrictJson.parse(read, 1)));
    }

    @Test
    void members_are_written_in_the_order_in_which_they_were_put() {
        JsonValue.JsonObject object = new JsonMembers()
                .put("text", "a \"b\"")
                .put("none", (String) null)
                .put("count", 3)
                .put("number", Double.valueOf(0.1))
                .put("missing", (Double) null)
                .put("yes", true)
                .putStrings("strings", List.of("x", "y"))
                .putNumbers("numbers", List.of(1.0, -0.0))
                .putObjects("objects", List.of(new JsonMembers().object()))
                .put("text", "again")
                .object();
        assertEquals(
                "{\"text\":\"again\",\"none\":null,\"count\":3,\"number\":0.1,\"missing\":null,\"yes\":true,"
                        + "\"strings\":[\"x\",\"y\"],\"numbers\":[1.0,-0.0],\"objects\":[{}]}",
                JsonText.compact(object));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void what_json_has_no_number_for_is_refused(double number) {
        JsonMembers members = new JsonMembers();
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> members.put("bound", Double.valueOf(number)));
        assertEquals(number + " is no number that JSON has", e.getMessage());
    }
}
