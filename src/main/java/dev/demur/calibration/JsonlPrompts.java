package dev.demur.calibration;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A data set as JSONL: one object a line with {@code id}, {@code prompt}, {@code category} and {@code expected}, and
 * perhaps {@code source}.
 *
 * <p>Other fields are passed over, empty lines too; {@code id} and {@code category} may be missing or null, and an id may be
 * a number. Holds one line at a time; a line of more than 8 MiB is a bad row.
 */
public final class JsonlPrompts implements PromptSource {

    /** Where Gson stopped; the rest of its message is for programmers. */
    private static final Pattern POSITION = Pattern.compile("line \\d+ column (\\d+)");

    private final BoundedLines lines;
    private final RowLabels labels;
    private long row;

    /** The prompts in these bytes, which closing this closes. */
    public JsonlPrompts(InputStream in, RowLabels labels) {
        this.lines = new BoundedLines(in);
        this.labels = labels;
    }

    @Override
    public @Nullable LabelledPrompt next() throws IOException {
        while (true) {
            long before = lines.number();
            String line;
            try {
                line = lines.next();
            } catch (BadRowException e) {
                row++;
                throw e;
            }
            if (line == null) {
                return null;
            }
            if (!line.isBlank()) {
                row++;
                return parse(line, before + 1);
            }
        }
    }

    private LabelledPrompt parse(String line, long number) {
        JsonReader reader = new JsonReader(new StringReader(line));
        reader.setStrictness(Strictness.STRICT);
        try {
            return new Fields(number, line).read(reader);
        } catch (EOFException e) {
            throw noObject(number, "it ends too early; each object takes a line of its own");
        } catch (IOException e) {
            Matcher position = POSITION.matcher(String.valueOf(e.getMessage()));
            throw noObject(number, "it is not JSON" + (position.find() ? " at column " + position.group(1) : ""));
        }
    }

    private static BadRowException noObject(long number, String why) {
        return new BadRowException(number, "the line is not one JSON object: " + why);
    }

    private final class Fields {

        private final long number;
        private final String line;

        private @Nullable String id;
        private @Nullable String prompt;
        private @Nullable String category;
        private @Nullable String expected;
        private @Nullable String source;

        Fields(long number, String line) {
            this.number = number;
            this.line = line;
        }

        LabelledPrompt read(JsonReader reader) throws IOException {
            JsonToken first = reader.peek();
            if (first != JsonToken.BEGIN_OBJECT) {
                throw noObject(
                        number,
                        switch (first) {
                            case BEGIN_ARRAY -> "it is an array; each object takes a line of its own";
                            case STRING -> "it is a string";
                            case NUMBER -> "it is a number";
                            default -> "it is " + line.strip();
                        });
            }
            reader.beginObject();
            while (reader.hasNext()) {
                String name = reader.nextName();
                switch (name) {
                    case "id" -> id = text(reader, name, id, true);
                    case "prompt" -> prompt = text(reader, name, prompt, false);
                    case "category" -> category = text(reader, name, category, false);
                    case "expected" -> expected = text(reader, name, expected, false);
                    case "source" -> readSource(reader);
                    default -> reader.skipValue();
                }
            }
            reader.endObject();
            requireEnd(reader);
            return labels.prompt(number, row, id, prompt, category, expected).withSource(source);
        }

        /** Of other types it means something else, and is passed over as other fields are. */
        private void readSource(JsonReader reader) throws IOException {
            if (reader.peek() == JsonToken.STRING) {
                String name = reader.nextString();
                source = name.isBlank() ? null : name;
            } else {
                reader.skipValue();
            }
        }

        private void requireEnd(JsonReader reader) {
            boolean ended;
            try {
                ended = reader.peek() == JsonToken.END_DOCUMENT;
            } catch (IOException e) {
                ended = false; // what comes there could not even begin a value
            }
            if (!ended) {
                throw noObject(number, "it goes on after the object's end");
            }
        }

        private @Nullable String text(JsonReader reader, String name, @Nullable String before, boolean orNumber)
                throws IOException {
            if (before != null) {
                throw new BadRowException(number, name + " is there twice");
            }
            JsonToken token = reader.peek();
            if (token == JsonToken.NULL) {
                reader.nextNull();
                return null;
            }
            if (token != JsonToken.STRING && !(orNumber && token == JsonToken.NUMBER)) {
                throw new BadRowException(number, name + " must be a string");
            }
            return reader.nextString();
        }
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
