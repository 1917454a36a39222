package dev.demur.readout.words.internal;

import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonBoolean;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Hashes what a frame asks and reads: its JSON without white space, without the name and what is said about it. */
final class FrameChecksum {

    private static final List<String> LEFT_OUT = List.of("name", "about");

    private FrameChecksum() {}

    static String of(JsonObject frame) {
        StringBuilder text = new StringBuilder();
        frame.members().forEach((name, member) -> {
            if (!LEFT_OUT.contains(name)) {
                write(name, text);
                write(member.value(), text);
            }
        });
        return of(text.toString());
    }

    /** Sixteen hexadecimal digits. */
    static String of(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static void write(JsonValue value, StringBuilder out) {
        if (value instanceof JsonObject object) {
            out.append('{');
            object.members().forEach((name, member) -> {
                write(name, out);
                write(member.value(), out);
            });
            out.append('}');
        } else if (value instanceof JsonArray array) {
            out.append('[');
            array.values().forEach(element -> write(element, out));
            out.append(']');
        } else if (value instanceof JsonString string) {
            write(string.value(), out);
        } else if (value instanceof JsonNumber number) {
            out.append('#').append(number.literal()).append(';');
        } else if (value instanceof JsonBoolean bool) {
            out.append(bool.value());
        } else {
            out.append("null");
        }
    }

    /** Its length before it, so that no two texts run together as two others do. */
    private static void write(String text, StringBuilder out) {
        out.append('"').append(text.length()).append(':').append(text);
    }
}
