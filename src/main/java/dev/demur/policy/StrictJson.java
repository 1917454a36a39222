package dev.demur.policy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * JSON as RFC 8259 has it, and narrower: no field twice in an object, no number beyond a double, bounded depth. Gson's
 * own tree reader keeps the last of two equal fields, so the tree is built here.
 */
final class StrictJson {

    /** Several times what a policy has; Gson copies and writes a tree by recursion. */
    private static final int DEEPEST = 24;

    /** Where Gson stopped; the rest of its message advises a programmer to be lenient. */
    private static final Pattern POSITION = Pattern.compile("line \\d+ column \\d+");

    private final String source;
    private final JsonReader reader;

    private StrictJson(String source, JsonReader reader) {
        this.source = source;
        this.reader = reader;
    }

    /**
     * The one value in the text.
     *
     * @throws PolicyException naming the source and where in it the text stops being JSON
     */
    static JsonElement parse(String text, String source) {
        JsonReader reader = new JsonReader(new StringReader(text));
        reader.setStrictness(Strictness.STRICT);
        StrictJson json = new StrictJson(source, reader);
        try {
            JsonElement root = json.tree();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new PolicyException(source + ": goes on after the end of the JSON");
            }
            return root;
        } catch (IOException e) {
            Matcher position = POSITION.matcher(String.valueOf(e.getMessage()));
            String problem = e instanceof EOFException ? "ends in the middle of the JSON" : "is not JSON";
            String where = position.find() ? " at " + position.group() : "";
            String field = json.field().isEmpty() ? "" : ", in or after " + json.field();
            throw new PolicyException(source + ": " + problem + where + field, e);
        }
    }

    /** Without recursion: a policy may be read on a thread with little stack. */
    private JsonElement tree() throws IOException {
        Deque<JsonElement> open = new ArrayDeque<>();
        while (true) {
            JsonElement parent = open.peek();
            JsonElement done;
            if (parent == null || reader.hasNext()) {
                String name = parent instanceof JsonObject object ? name(object) : "";
                done = begun(open.size());
                add(parent, name, done);
                if (done instanceof JsonObject || done instanceof JsonArray) {
                    open.push(done);
                    continue;
                }
            } else {
                done = end(open.pop());
            }
            if (open.isEmpty()) {
                return done;
            }
        }
    }

    private String name(JsonObject object) throws IOException {
        String name = reader.nextName();
        if (object.has(name)) {
            throw new PolicyException(here() + "is there twice");
        }
        return name;
    }

    private static void add(@Nullable JsonElement parent, String name, JsonElement child) {
        if (parent instanceof JsonObject object) {
            object.add(name, child);
        } else if (parent instanceof JsonArray array) {
            array.add(child);
        }
    }

    /** The value that comes next; an object or an array is empty yet. */
    private JsonElement begun(int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new PolicyException(here() + "is nested more than " + DEEPEST + " deep");
        }
        JsonToken token = reader.peek();
        switch (token) {
            case BEGIN_OBJECT -> {
                reader.beginObject();
                return new JsonObject();
            }
            case BEGIN_ARRAY -> {
                reader.beginArray();
                return new JsonArray();
            }
            case STRING -> {
                return new JsonPrimitive(reader.nextString());
            }
            case NUMBER -> {
                return number();
            }
            case BOOLEAN -> {
                return new JsonPrimitive(reader.nextBoolean());
            }
            case NULL -> {
                reader.nextNull();
                return JsonNull.INSTANCE;
            }
            default -> throw new IllegalStateException("A JSON value cannot begin with " + token);
        }
    }

    private JsonElement end(JsonElement container) throws IOException {
        if (container instanceof JsonObject) {
            reader.endObject();
        } else {
            reader.endArray();
        }
        return container;
    }

    /** A long where the literal is one, so that large counts keep their last digits; else a double. */
    private JsonPrimitive number() throws IOException {
        String field = here();
        String literal = reader.nextString();
        if (literal.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'))) {
            try {
                return new JsonPrimitive(Long.parseLong(literal));
            } catch (NumberFormatException e) {
                // A whole number of more than 63 bits: as a double it is the nearest one.
                return finite(field, literal);
            }
        }
        return finite(field, literal);
    }

    private static JsonPrimitive finite(String field, String literal) {
        double value = Double.parseDouble(literal);
        if (Double.isInfinite(value)) {
            throw new PolicyException(field + Quote.bare(literal) + " is too large a number");
        }
        return new JsonPrimitive(value);
    }

    /** The source and the current field, as {@code policy.json: categories[2].id: }. */
    private String here() {
        String field = field();
        return field.isEmpty() ? source + ": " : source + ": " + field + ": ";
    }

    private String field() {
        String path = reader.getPath();
        return Quote.bare(path.startsWith("$.") ? path.substring(2) : path.substring(1));
    }
}
