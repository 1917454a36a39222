package dev.demur.json;

import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonBoolean;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.json.JsonValue.Member;
import java.util.HexFormat;

/**
 * Writes JSON: all fields in their order, nulls too, and text as it is but for what JSON needs escaped. Recurses as deep as the
 * value is nested.
 *
 * <p>A number is written as Java writes it: as a long where it is a whole one of at most 18 characters, so that large counts keep
 * their last digits, else as the nearest double.
 */
public final class JsonText {

    /** As many digits as every long has. */
    private static final int LONG_DIGITS = 18;

    private static final String INDENT = "  ";

    /** Escaped though JSON does not need it, because JavaScript once took them for ends of lines. */
    private static final String LINE_ENDS = "\u2028\u2029";

    private final StringBuilder out = new StringBuilder();
    private final boolean pretty;

    private JsonText(boolean pretty) {
        this.pretty = pretty;
    }

    /** On one line, without spaces. */
    public static String compact(JsonValue value) {
        return new JsonText(false).text(value);
    }

    /** With a line for each member and each element, indented by two spaces; without a line feed at its end. */
    public static String pretty(JsonValue value) {
        return new JsonText(true).text(value);
    }

    private String text(JsonValue value) {
        write(value, 0);
        return out.toString();
    }

    private void write(JsonValue value, int depth) {
        if (value instanceof JsonObject object) {
            write(object, depth);
        } else if (value instanceof JsonArray array) {
            write(array, depth);
        } else if (value instanceof JsonString string) {
            string(string.value());
        } else if (value instanceof JsonNumber number) {
            out.append(number(number.literal()));
        } else {
            out.append(value instanceof JsonBoolean bool ? String.valueOf(bool.value()) : "null");
        }
    }

    private void write(JsonObject object, int depth) {
        out.append('{');
        String before = "";
        for (Member member : object.members().values()) {
            out.append(before);
            line(depth + 1);
            string(member.name());
            out.append(pretty ? ": " : ":");
            write(member.value(), depth + 1);
            before = ",";
        }
        end(object.members().isEmpty(), depth);
        out.append('}');
    }

    private void write(JsonArray array, int depth) {
        out.append('[');
        String before = "";
        for (JsonValue value : array.values()) {
            out.append(before);
            line(depth + 1);
            write(value, depth + 1);
            before = ",";
        }
        end(array.values().isEmpty(), depth);
        out.append(']');
    }

    private void end(boolean empty, int depth) {
        if (!empty) {
            line(depth);
        }
    }

    private void line(int depth) {
        if (pretty) {
            out.append('\n').append(INDENT.repeat(depth));
        }
    }

    private static String number(String literal) {
        boolean whole = literal.chars().allMatch(c -> c == '-' || c >= '0' && c <= '9');
        return whole && literal.length() <= LONG_DIGITS
                ? Long.toString(Long.parseLong(literal))
                : Double.toString(Double.parseDouble(literal));
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            character(text.charAt(i));
        }
        out.append('"');
    }

    private void character(char c) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\t' -> out.append("\\t");
            case '\b' -> out.append("\\b");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\f' -> out.append("\\f");
            default -> {
                if (c < ' ' || LINE_ENDS.indexOf(c) >= 0) {
                    out.append("\\u").append(HexFormat.of().toHexDigits(c));
                } else {
                    out.append(c);
                }
            }
        }
    }
}
