package dev.demur.dataset;

import dev.demur.arguments.Given;
import dev.demur.json.JsonException;
import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonNull;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.json.JsonValue.Member;
import dev.demur.json.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A data set as JSONL: one object a line with {@code id}, {@code prompt}, {@code category} and {@code expected}, and
 * perhaps {@code source}.
 *
 * <p>Other fields are passed over, empty lines too; {@code id} and {@code category} may be missing or null, and an id may be
 * a number. Holds one line at a time; a line of more than 8 MiB is a bad row.
 */
public final class JsonlPrompts implements PromptSource {

    /** Fields that are passed over may have anything in them. */
    private static final int DEEPEST = 256;

    private static final String ONE_LINE = "; each object takes a line of its own";

    private final BoundedLines lines;
    private final RowLabels labels;
    private long row;

    /** The prompts in these bytes, which closing this closes. */
    public JsonlPrompts(InputStream in, RowLabels labels) {
        Given.value(in, "in");
        this.lines = new BoundedLines(in);
        this.labels = Given.value(labels, "labels");
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
        JsonValue value;
        try {
            value = StrictJson.parse(line, DEEPEST);
        } catch (JsonException e) {
            throw noObject(number, e.isCutOff() ? "it ends too early" + ONE_LINE : e.inLine());
        }
        if (!(value instanceof JsonObject object)) {
            throw noObject(
                    number,
                    value instanceof JsonArray
                            ? "it is an array" + ONE_LINE
                            : value instanceof JsonString
                                    ? "it is a string"
                                    : value instanceof JsonNumber ? "it is a number" : "it is " + line.strip());
        }
        return labels.prompt(
                        number,
                        row,
                        text(object, "id", number, true),
                        text(object, "prompt", number, false),
                        text(object, "category", number, false),
                        text(object, "expected", number, false))
                .withSource(source(object));
    }

    private static BadRowException noObject(long number, String why) {
        return new BadRowException(number, "the line is not one JSON object: " + why);
    }

    /** Of other types it means something else, and is passed over as other fields are. */
    private static @Nullable String source(JsonObject row) {
        return value(row, "source") instanceof JsonString name && !name.value().isBlank() ? name.value() : null;
    }

    private static @Nullable String text(JsonObject row, String name, long number, boolean orNumber) {
        JsonValue value = value(row, name);
        if (value == null || value instanceof JsonNull) {
            return null;
        }
        if (value instanceof JsonString text) {
            return text.value();
        }
        if (orNumber && value instanceof JsonNumber given) {
            return given.literal();
        }
        throw new BadRowException(number, name + " must be a string");
    }

    private static @Nullable JsonValue value(JsonObject row, String name) {
        Member member = row.members().get(name);
        return member == null ? null : member.value();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
