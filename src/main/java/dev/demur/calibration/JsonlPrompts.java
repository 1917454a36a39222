package dev.demur.calibration;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import org.jspecify.annotations.Nullable;

/**
 * A data set as JSONL: one object a line with {@code id}, {@code prompt}, {@code category} and {@code expected}.
 *
 * <p>Other fields are passed over, empty lines too; {@code id} and {@code category} may be missing or null, and an id may be
 * a number. Holds one line at a time; a line of more than 8 MiB is a bad row.
 */
public final class JsonlPrompts implements PromptSource {

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
            return new Fields(number).read(reader);
        } catch (IOException e) {
            throw new BadRowException(number, "the line is not one JSON object");
        }
    }

    private final class Fields {

        private final long number;

        private @Nullable String id;
        private @Nullable String prompt;
        private @Nullable String category;
        private @Nullable String expected;

        Fields(long number) {
            this.number = number;
        }

        LabelledPrompt read(JsonReader reader) throws IOException {
            if (reader.peek() != JsonToken.BEGIN_OBJECT) {
                throw new BadRowException(number, "the line is not one JSON object");
            }
            reader.beginObject();
            while (reader.hasNext()) {
                String name = reader.nextName();
                switch (name) {
                    case "id" -> id = text(reader, name, id, true);
                    case "prompt" -> prompt = text(reader, name, prompt, false);
                    case "category" -> category = text(reader, name, category, false);
                    case "expected" -> expected = text(reader, name, expected, false);
                    default -> reader.skipValue();
                }
            }
            reader.endObject();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new BadRowException(number, "the line goes on after the JSON object");
            }
            return labels.prompt(number, row, id, prompt, category, expected);
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
