package dev.demur.calibration;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;

/**
 * The checksum of a policy's {@code calibration} object, which the object carries: what a promise says can be edited as well
 * as what decides. What was measured of the noise is no part of it, as that is added later and promises nothing; nor is
 * the order of fields, or how a number is written.
 */
final class NoteHash {

    /** The field with it. An older release wrote none. */
    static final String FIELD = "noteHash";

    private NoteHash() {}

    /** Puts the checksum of all else into the object, in the place of an earlier one. */
    static void put(JsonObject note) {
        note.remove(FIELD);
        note.addProperty(FIELD, of(note));
    }

    /** Whether the object carries a checksum that is not its own. */
    static boolean isOther(JsonObject note) {
        return note.has(FIELD)
                && !(note.get(FIELD) instanceof JsonPrimitive kept
                        && kept.isString()
                        && kept.getAsString().equals(of(note)));
    }

    static String of(JsonObject note) {
        StringBuilder text = new StringBuilder();
        JsonObject rest = note.deepCopy();
        rest.remove(FIELD);
        rest.remove(Noise.FIELD);
        append(text, rest);
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static void append(StringBuilder text, JsonElement element) {
        if (element instanceof JsonObject object) {
            text.append('{');
            new TreeMap<>(object.asMap()).forEach((name, value) -> {
                append(text, new JsonPrimitive(name));
                append(text, value);
            });
            text.append('}');
        } else if (element instanceof JsonArray array) {
            text.append('[');
            array.forEach(value -> append(text, value));
            text.append(']');
        } else if (element instanceof JsonPrimitive primitive && primitive.isNumber()) {
            text.append(primitive.getAsDouble()).append(',');
        } else {
            text.append(element).append(',');
        }
    }
}
