package dev.demur.calibration;

import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object, read field by field without a tree: every field known and there once, every value of its type.
 *
 * <p>Errors are ScoreFileExceptions that begin with the place the text came from, as {@code s.jsonl:12}.
 */
final class StrictObject {

    /** Reads the value of a field; called once for each field that is there. */
    interface Field {
        void read(String name) throws IOException;
    }

    private static final int LONGEST_QUOTE = 80;

    private final String place;
    private final JsonReader reader;

    private StrictObject(String place, JsonReader reader) {
        this.place = place;
        this.reader = reader;
    }

    /** What reads the whole text. */
    interface Body {
        void read(StrictObject in) throws IOException;
    }

    /** Reads a text that is one JSON object; the body calls {@link #fields} for it. */
    static void read(String text, String place, Body body) {
        JsonReader reader = new JsonReader(new StringReader(text));
        reader.setStrictness(Strictness.STRICT);
        StrictObject in = new StrictObject(place, reader);
        try {
            body.read(in);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new ScoreFileException(place + ": goes on after the end of the JSON");
            }
        } catch (EOFException e) {
            throw new ScoreFileException(place + ": ends in the middle of the JSON", e);
        } catch (IOException e) {
            throw new ScoreFileException(place + ": is not JSON" + in.afterField(), e);
        }
    }

    /** Reads an object whose fields are exactly the given ones, in any order. */
    void fields(List<String> names, Field field) throws IOException {
        fields(names, List.of(), field);
    }

    /** Reads an object with all the given fields, in any order, and perhaps some of {@code optional}. */
    void fields(List<String> names, List<String> optional, Field field) throws IOException {
        require(JsonToken.BEGIN_OBJECT, "an object");
        reader.beginObject();
        Set<String> seen = new HashSet<>();
        while (reader.hasNext()) {
            String name = reader.nextName();
            if (!names.contains(name) && !optional.contains(name)) {
                List<String> known = new ArrayList<>(names);
                known.addAll(optional);
                throw error("is not a known field; known are " + String.join(", ", known));
            }
            if (!seen.add(name)) {
                throw error("is there twice");
            }
            field.read(name);
        }
        reader.endObject();
        for (String name : names) {
            if (!seen.contains(name)) {
                String path = path();
                throw new ScoreFileException(place + ": " + (path.isEmpty() ? "" : path + ".") + name + ": is missing");
            }
        }
    }

    /** Reads an object with whatever fields, each once. */
    void anyFields(Field field) throws IOException {
        require(JsonToken.BEGIN_OBJECT, "an object");
        reader.beginObject();
        Set<String> seen = new HashSet<>();
        while (reader.hasNext()) {
            String name = reader.nextName();
            if (!seen.add(name)) {
                throw error("is there twice");
            }
            field.read(name);
        }
        reader.endObject();
    }

    /** Reads an array; the body is called once for each element. */
    void elements(Body element) throws IOException {
        require(JsonToken.BEGIN_ARRAY, "an array");
        reader.beginArray();
        while (reader.hasNext()) {
            element.read(this);
        }
        reader.endArray();
    }

    String string() throws IOException {
        require(JsonToken.STRING, "a string");
        return reader.nextString();
    }

    @Nullable
    String stringOrNull() throws IOException {
        if (reader.peek() == JsonToken.NULL) {
            reader.nextNull();
            return null;
        }
        require(JsonToken.STRING, "a string or null");
        return reader.nextString();
    }

    double number() throws IOException {
        require(JsonToken.NUMBER, "a number");
        double value = Double.parseDouble(reader.nextString());
        if (Double.isInfinite(value)) {
            throw error("is too large a number");
        }
        return value;
    }

    /** A token id or a count: a whole number from 0 to 2^31 - 1. */
    int integer() throws IOException {
        double value = number();
        if (!(value >= 0 && value <= Integer.MAX_VALUE && value == Math.rint(value))) {
            throw error(value + " is not a whole number from 0 to " + Integer.MAX_VALUE);
        }
        return (int) value;
    }

    boolean bool() throws IOException {
        require(JsonToken.BOOLEAN, "true or false");
        return reader.nextBoolean();
    }

    private void require(JsonToken wanted, String what) throws IOException {
        JsonToken found = reader.peek();
        if (found == JsonToken.END_DOCUMENT) {
            throw new EOFException();
        }
        if (found != wanted) {
            throw error("must be " + what + ", not " + nameOf(found));
        }
    }

    private static String nameOf(JsonToken token) {
        return switch (token) {
            case BEGIN_OBJECT -> "an object";
            case BEGIN_ARRAY -> "an array";
            case STRING -> "a string";
            case NUMBER -> "a number";
            case BOOLEAN -> "a boolean";
            default -> "null";
        };
    }

    /** About the field that was read last. */
    ScoreFileException error(String problem) {
        String path = path();
        return new ScoreFileException(place + ": " + (path.isEmpty() ? "" : path + ": ") + problem);
    }

    private String afterField() {
        String path = path();
        return path.isEmpty() ? "" : ", in or after " + path;
    }

    /** As {@code probabilities.safety}. */
    private String path() {
        String path = reader.getPreviousPath();
        return bare(path.startsWith("$.") ? path.substring(2) : path.substring(1));
    }

    /** Foreign text in a message: quoted, on one line, of bounded length. */
    static String quote(String text) {
        String cut = text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "…";
        return new JsonPrimitive(cut).toString();
    }

    private static String bare(String text) {
        String quoted = quote(text);
        return quoted.substring(1, quoted.length() - 1);
    }
}
