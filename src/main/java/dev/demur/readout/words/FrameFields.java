package dev.demur.readout.words;

import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonBoolean;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.json.JsonValue.Member;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An object of a frame file, read field by field; errors name the file and the path of the field. */
final class FrameFields {

    private static final int LONGEST_QUOTE = 60;

    private final String source;
    private final String path;
    private final JsonObject object;

    private FrameFields(String source, String path, JsonObject object) {
        this.source = source;
        this.path = path;
        this.object = object;
    }

    /** The object at a path, which has no other fields than these. */
    static FrameFields of(String source, String path, JsonValue value, List<String> known) {
        if (!(value instanceof JsonObject object)) {
            throw problem(source, path, "must be an object, not " + kind(value));
        }
        FrameFields fields = new FrameFields(source, path, object);
        for (String name : object.members().keySet()) {
            if (!known.contains(name)) {
                throw fields.problem(cut(name), "is not known here; known are " + String.join(", ", known));
            }
        }
        return fields;
    }

    /** Foreign text in a message: one line of bounded length. */
    static String cut(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "\ufffd");
        return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "…";
    }

    boolean has(String field) {
        return object.members().containsKey(field);
    }

    private String pathOf(String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    FrameException problem(String field, String what) {
        return problem(source, pathOf(field), what);
    }

    FrameException problem(String field, String what, Throwable cause) {
        return new FrameException(source + ": " + pathOf(field) + ": " + what, cause);
    }

    static FrameException problem(String source, String path, String what) {
        return new FrameException(source + ": " + (path.isEmpty() ? "" : path + ": ") + what);
    }

    @Nullable
    JsonValue value(String field) {
        Member member = object.members().get(field);
        return member == null ? null : member.value();
    }

    JsonValue required(String field) {
        JsonValue value = value(field);
        if (value == null) {
            throw problem(field, "is missing");
        }
        return value;
    }

    /** An object under this one, without fields other than these. */
    FrameFields object(String field, List<String> known) {
        return of(source, pathOf(field), required(field), known);
    }

    /** A text of bounded length. */
    String text(String field, int longest) {
        return text(required(field), pathOf(field), longest);
    }

    @Nullable
    String textOrNull(String field, int longest) {
        return has(field) ? text(field, longest) : null;
    }

    private String text(JsonValue value, String where, int longest) {
        if (!(value instanceof JsonString string)) {
            throw problem(source, where, "must be a text, not " + kind(value));
        }
        if (string.value().length() > longest) {
            throw problem(source, where, "has more than " + longest + " characters");
        }
        return string.value();
    }

    int integer(String field) {
        if (required(field) instanceof JsonNumber number) {
            try {
                return number.value().intValueExact();
            } catch (ArithmeticException e) {
                throw problem(field, "must be a whole number", e);
            }
        }
        throw problem(field, "must be a whole number, not " + kind(required(field)));
    }

    /** Between {@code least} and {@code most} elements, each read with its path. */
    <T> List<T> list(String field, int least, int most, Function<Element, T> read) {
        if (!(required(field) instanceof JsonArray array)) {
            throw problem(field, "must be a list, not " + kind(required(field)));
        }
        if (array.values().size() < least || array.values().size() > most) {
            throw problem(field, "has " + array.values().size() + " elements: it must have " + least + " to " + most);
        }
        List<T> all = new ArrayList<>();
        for (int i = 0; i < array.values().size(); i++) {
            all.add(read.apply(
                    new Element(pathOf(field) + "[" + i + "]", array.values().get(i))));
        }
        return all;
    }

    /** An element of a list. */
    final class Element {
        private final String where;
        private final JsonValue value;

        Element(String where, JsonValue value) {
            this.where = where;
            this.value = value;
        }

        String text(int longest) {
            return FrameFields.this.text(value, where, longest);
        }

        FrameFields object(List<String> known) {
            return of(source, where, value, known);
        }
    }

    /** The texts of an object by whatever names, at most {@code most}. */
    Map<String, String> texts(String field, int most, int longest) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (!has(field)) {
            return texts;
        }
        if (!(required(field) instanceof JsonObject members)) {
            throw problem(field, "must be an object, not " + kind(required(field)));
        }
        if (members.members().size() > most) {
            throw problem(field, "has more than " + most + " fields");
        }
        members.members()
                .forEach((name, member) ->
                        texts.put(name, text(member.value(), pathOf(field) + "." + cut(name), longest)));
        return texts;
    }

    private static String kind(JsonValue value) {
        if (value instanceof JsonObject) {
            return "an object";
        }
        if (value instanceof JsonArray) {
            return "a list";
        }
        if (value instanceof JsonString) {
            return "a text";
        }
        if (value instanceof JsonNumber) {
            return "a number";
        }
        return value instanceof JsonBoolean ? "true or false" : "null";
    }
}
