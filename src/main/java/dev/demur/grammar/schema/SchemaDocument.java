package dev.demur.grammar.schema;

import dev.demur.json.JsonException;
import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.Member;
import dev.demur.json.StrictJson;
import dev.demur.json.TextPosition;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The text of a JSON schema: its schemas, and those within it that a reference names. */
final class SchemaDocument {

    /** Arrays and objects are read by recursion. */
    private static final int DEEPEST = 200;

    private static final int LONGEST_SHOWN = 60;

    private final String text;
    private final JsonValue root;
    private final SchemaReader reader = new SchemaReader(this);

    private SchemaDocument(String text, JsonValue root) {
        this.text = text;
        this.root = root;
    }

    static SchemaDocument parse(String text, int most) {
        if (text.length() > most) {
            throw new JsonSchemaException(
                    new TextPosition(1, 1), "it has " + text.length() + " characters: at most " + most + " are taken");
        }
        try {
            return new SchemaDocument(text, StrictJson.parse(text, DEEPEST));
        } catch (JsonException e) {
            throw new JsonSchemaException(e.position(), e.problem(), e);
        }
    }

    Schema root() {
        return reader.read(root, Place.root(root.at()));
    }

    JsonSchemaException problem(Place place, String what) {
        return new JsonSchemaException(TextPosition.of(text, place.at()), place + ": " + what);
    }

    /** Foreign text as it is shown in a message. */
    static String shown(String name) {
        return name.length() <= LONGEST_SHOWN ? name : name.substring(0, LONGEST_SHOWN) + "…";
    }

    /** The schema that a reference names. */
    Schema resolve(Schema.Reference reference) {
        String to = reference.to();
        if (!to.equals("#") && !to.startsWith("#/")) {
            throw problem(
                    reference.place(),
                    "'" + shown(to) + "' is not within this schema: only references such as #/$defs/NAME are followed");
        }
        Place place = Place.root(root.at());
        JsonValue value = root;
        if (!to.equals("#")) {
            for (String part : to.substring(2).split("/", -1)) {
                String name = decoded(part);
                Member next = member(value, name);
                if (next == null) {
                    throw problem(reference.place(), "there is nothing at '" + shown(to) + "' in this schema");
                }
                value = next.value();
                place = place.below(name, next.at());
            }
        }
        return reader.read(value, place);
    }

    private static @Nullable Member member(JsonValue value, String name) {
        if (value instanceof JsonObject object) {
            return object.members().get(name);
        }
        if (value instanceof JsonArray array && name.matches("0|[1-9][0-9]{0,8}")) {
            int index = Integer.parseInt(name);
            if (index < array.values().size()) {
                JsonValue element = array.values().get(index);
                return new Member(name, element.at(), element);
            }
        }
        return null;
    }

    /** A part of a pointer without percent signs and tildes that stand for other characters. */
    private static String decoded(String part) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[bytes.length];
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            int high = i + 2 < bytes.length && bytes[i] == '%' ? Character.digit(bytes[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(bytes[i + 2], 16);
            if (low >= 0) {
                out[length++] = (byte) (high * 16 + low);
                i += 2;
            } else {
                out[length++] = bytes[i];
            }
        }
        String name = new String(out, 0, length, StandardCharsets.UTF_8);
        return name.replace("~1", "/").replace("~0", "~");
    }
}
