package dev.demur.grammar.schema;

import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonBoolean;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonString;
import java.util.Locale;

/** How values are written in JSON. */
final class JsonText {

    private static final String ESCAPED = "\"\\\b\f\n\r\t";
    private static final String LETTERS = "\"\\bfnrt";

    private JsonText() {}

    /** A value that holds no others. */
    static String scalar(JsonValue value) {
        if (value instanceof JsonString string) {
            return string(string.value());
        }
        if (value instanceof JsonNumber number) {
            return number.literal();
        }
        return value instanceof JsonBoolean flag ? String.valueOf(flag.value()) : "null";
    }

    static String string(String value) {
        StringBuilder text = new StringBuilder("\"");
        value.codePoints().forEach(c -> text.append(character(c)));
        return text.append('"').toString();
    }

    /** A character as it stands within a string. */
    static String character(int c) {
        int known = ESCAPED.indexOf(c);
        if (known >= 0) {
            return "\\" + LETTERS.charAt(known);
        }
        return isPlain(c) ? Character.toString(c) : String.format(Locale.ROOT, "\\u%04x", c);
    }

    /** Whether a character stands within a string as it is. */
    static boolean isPlain(int c) {
        return c >= ' ' && c != '"' && c != '\\' && c != 0x7F;
    }
}
