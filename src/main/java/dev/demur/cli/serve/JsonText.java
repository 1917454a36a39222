package dev.demur.cli.serve;

import com.google.gson.stream.JsonWriter;
import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonBoolean;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.json.JsonValue.Member;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;

/** JSON that was read, written again: on one line, members in their order. */
final class JsonText {

    private JsonText() {}

    static String of(JsonValue value) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.setHtmlSafe(false);
            write(json, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a StringWriter throws none
        }
        return text.toString();
    }

    /** The text itself where the value is one, else the value as JSON. */
    static String orText(JsonValue value) {
        return value instanceof JsonString text ? text.value() : of(value);
    }

    private static void write(JsonWriter json, JsonValue value) throws IOException {
        if (value instanceof JsonObject object) {
            json.beginObject();
            for (Member member : object.members().values()) {
                json.name(member.name());
                write(json, member.value());
            }
            json.endObject();
        } else if (value instanceof JsonArray array) {
            json.beginArray();
            for (JsonValue element : array.values()) {
                write(json, element);
            }
            json.endArray();
        } else if (value instanceof JsonString text) {
            json.value(text.value());
        } else if (value instanceof JsonNumber number) {
            json.value(new BigDecimal(number.literal()));
        } else if (value instanceof JsonBoolean flag) {
            json.value(flag.value());
        } else {
            json.nullValue();
        }
    }
}
