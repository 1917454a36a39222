package dev.demur.json;

import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonBoolean;
import dev.demur.json.JsonValue.JsonNull;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.json.JsonValue.Member;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as RFC 8259 has it, and narrower: no name twice in an object, no half of a surrogate pair, no number that a
 * double cannot hold, and a bounded depth. A byte order mark before it is passed over.
 */
public final class StrictJson {

    private static final int LONGEST_NUMBER = 1_000;

    /** Of the path in a message, from its end. */
    private static final int LONGEST_PATH = 200;

    private static final char END = '\0'; // no JSON text has one outside of a string
    private static final String ESCAPES = "\"\\/bfnrt";
    private static final String ESCAPED = "\"\\/\b\f\n\r\t";

    private final String text;
    private final int deepest;
    private final Deque<Container> open = new ArrayDeque<>();
    private int at;

    private StrictJson(String text, int deepest) {
        this.text = text;
        this.deepest = deepest;
    }

    /**
     * The one value in the text.
     *
     * @param deepest how deep arrays and objects may be nested
     * @throws JsonException if the text is anything else
     */
    public static JsonValue parse(String text, int deepest) {
        StrictJson json = new StrictJson(text, deepest);
        if (text.startsWith("\ufeff")) {
            json.at++;
        }
        JsonValue value = json.tree();
        json.skipSpace();
        if (json.at < text.length()) {
            throw json.problem(json.at, "the text goes on after the end of the JSON");
        }
        return value;
    }

    /** Without recursion: a file may be read on a thread with little stack. */
    private JsonValue tree() {
        while (true) {
            skipSpace();
            JsonValue done = begin();
            while (done != null) {
                Container in = open.peekLast();
                if (in == null) {
                    return done;
                }
                in.add(done);
                done = goOn(in);
            }
        }
    }

    /** The value that stands here; null where one begins in which another has to be read first. */
    private @Nullable JsonValue begin() {
        int start = at;
        char c = here();
        return switch (c) {
            case '{', '[' -> open(start);
            case '"' -> new JsonString(start, string());
            case 't' -> word("true", new JsonBoolean(start, true));
            case 'f' -> word("false", new JsonBoolean(start, false));
            case 'n' -> word("null", new JsonNull(start));
            default -> {
                if (c == '-' || isDigit(c)) {
                    yield number();
                }
                throw unexpected("a JSON value");
            }
        };
    }

    private @Nullable JsonValue open(int start) {
        if (open.size() >= deepest) {
            throw problem(start, "it is nested more than " + deepest + " deep");
        }
        Container in = new Container(start, text.charAt(at++) == '{');
        skipSpace();
        if (here() == in.end()) {
            at++;
            return in.value();
        }
        open.addLast(in);
        name(in);
        return null;
    }

    /** Goes on behind a value: null where another one follows in the same container, else that container's value. */
    private @Nullable JsonValue goOn(Container in) {
        if (isLast(in.end())) {
            open.removeLast();
            return in.value();
        }
        name(in);
        return null;
    }

    /** Reads the name of an object's next member, up to its value; an array's elements have none. */
    private void name(Container in) {
        if (!in.isObject) {
            return;
        }
        skipSpace();
        int start = at;
        if (here() != '"') {
            throw unexpected("a name in quotation marks");
        }
        boolean isNew = in.name(string(), start);
        if (!isNew) {
            throw problem(start, "the name is there twice in its object");
        }
        skipSpace();
        if (here() != ':') {
            throw unexpected("a colon");
        }
        at++;
    }

    /** An object or an array whose end has not come yet. */
    private static final class Container {

        private final int start;
        private final boolean isObject;
        private final Map<String, Member> members = new LinkedHashMap<>();
        private final List<JsonValue> values = new ArrayList<>();
        private @Nullable String name;
        private int nameAt;

        Container(int start, boolean isObject) {
            this.start = start;
            this.isObject = isObject;
        }

        char end() {
            return isObject ? '}' : ']';
        }

        /** Names the next member; false where there is one of that name. */
        boolean name(String next, int nextAt) {
            name = next;
            nameAt = nextAt;
            return !members.containsKey(next);
        }

        void add(JsonValue value) {
            if (name == null) {
                values.add(value);
            } else {
                members.put(name, new Member(name, nameAt, value));
            }
        }

        JsonValue value() {
            return isObject ? new JsonObject(start, members) : new JsonArray(start, values);
        }

        /** What leads to the value that is being read, or was read last. */
        void addStep(StringBuilder path) {
            if (!isObject) {
                path.append('[').append(values.size()).append(']');
            } else if (name != null) {
                path.append(path.isEmpty() ? "" : ".").append(ForeignText.escaped(name));
            }
        }
    }

    /** Goes behind the comma, where another value follows, or behind {@code end}. */
    private boolean isLast(char end) {
        skipSpace();
        char c = here();
        if (c != ',' && c != end) {
            throw unexpected("a comma or " + end);
        }
        at++;
        return c == end;
    }

    private JsonValue word(String word, JsonValue value) {
        if (!text.startsWith(word, at)) {
            throw unexpected("a JSON value");
        }
        at += word.length();
        return value;
    }

    private JsonNumber number() {
        int start = at;
        if (here() == '-') {
            at++;
        }
        if (here() == '0') {
            at++; // no other digit may follow it
        } else {
            digits();
        }
        if (here() == '.') {
            at++;
            digits();
        }
        if (here() == 'e' || here() == 'E') {
            at++;
            if (here() == '+' || here() == '-') {
                at++;
            }
            digits();
        }
        if (at - start > LONGEST_NUMBER) {
            throw problem(start, "a number has more than " + LONGEST_NUMBER + " characters");
        }
        String literal = text.substring(start, at);
        double value = Double.parseDouble(literal);
        if (Double.isInfinite(value)) {
            throw problem(start, "a number is too large");
        }
        if (value != 0) {
            return new JsonNumber(start, literal);
        }
        int exponent = literal.toLowerCase(Locale.ROOT).indexOf('e');
        String digits = exponent < 0 ? literal : literal.substring(0, exponent);
        if (digits.chars().anyMatch(c -> c >= '1' && c <= '9')) {
            throw problem(start, "a number is too small");
        }
        return new JsonNumber(start, digits); // zero, whatever its exponent
    }

    private void digits() {
        if (!isDigit(here())) {
            throw unexpected("a digit");
        }
        while (isDigit(here())) {
            at++;
        }
    }

    private String string() {
        int start = at++;
        StringBuilder value = new StringBuilder();
        while (true) {
            if (at >= text.length()) {
                throw problem(start, "a string does not end");
            }
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                requireWhole(value, start);
                return value.toString();
            }
            if (c < ' ') {
                throw problem(at, "a string has a control character in it: write it as an escape");
            }
            value.append(c == '\\' ? escape() : c);
            at++;
        }
    }

    /** The character that an escape stands for; ends at the escape's last character. */
    private char escape() {
        int start = at++;
        int known = ESCAPES.indexOf(here());
        if (known >= 0) {
            return ESCAPED.charAt(known);
        }
        if (here() != 'u') {
            throw problem(start, "there is no such escape");
        }
        int value = 0;
        for (int i = 0; i < 4; i++) {
            at++;
            int digit = here() < 128 ? Character.digit(here(), 16) : -1;
            if (digit < 0) {
                throw problem(start, "the escape \\u needs four hexadecimal digits");
            }
            value = value * 16 + digit;
        }
        return (char) value;
    }

    private void requireWhole(CharSequence value, int start) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean paired = Character.isHighSurrogate(c)
                    && i + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(i + 1));
            if (paired) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw problem(start, "a string has half a character in it (a lone surrogate)");
            }
        }
    }

    private void skipSpace() {
        while (here() == ' ' || here() == '\n' || here() == '\r' || here() == '\t') {
            at++;
        }
    }

    private char here() {
        return at < text.length() ? text.charAt(at) : END;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private JsonException unexpected(String expected) {
        return at >= text.length()
                ? problem(at, "the text ends in the middle of the JSON")
                : problem(at, "this is not JSON: there must be " + expected);
    }

    private JsonException problem(int where, String what) {
        StringBuilder path = new StringBuilder();
        open.forEach(in -> in.addStep(path));
        int longest = path.length() - LONGEST_PATH;
        String end = longest > 0 ? "…" + path.substring(longest) : path.toString();
        return new JsonException(text, where, end, what);
    }
}
