package dev.demur.cli.doctor;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a command found out, gathered once and shown twice: as lines under a label for a person, and as JSON. */
public final class Findings {

    private static final int LABEL_WIDTH = 16;

    private final Style style;
    private final JsonObject json = new JsonObject();
    private final List<String> lines = new ArrayList<>();

    public Findings(Style style) {
        this.style = style;
    }

    /** A line for a person; an empty label goes on with the one before. */
    public Findings line(String label, String text) {
        String padded = label + " ".repeat(Math.max(1, LABEL_WIDTH - label.length()));
        lines.add((style.bold(padded) + Text.oneLine(text)).stripTrailing());
        return this;
    }

    /** A line that tells of a failure. */
    public Findings failure(String label, String text) {
        String padded = label + " ".repeat(Math.max(1, LABEL_WIDTH - label.length()));
        lines.add(style.bold(padded) + style.refusal("fails") + ": " + Text.oneLine(text));
        return this;
    }

    /** A field of the JSON object, null where nothing is known; {@code path} may go into inner objects, as {@code a.b}. */
    public Findings field(String path, @Nullable String value) {
        return field(path, value == null ? JsonNull.INSTANCE : new JsonPrimitive(value));
    }

    public Findings field(String path, Number value) {
        return field(path, new JsonPrimitive(value));
    }

    public Findings field(String path, boolean value) {
        return field(path, new JsonPrimitive(value));
    }

    public Findings field(String path, List<String> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return field(path, array);
    }

    public Findings field(String path, JsonElement value) {
        JsonObject object = json;
        String name = path;
        for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.')) {
            String outer = name.substring(0, dot);
            if (!object.has(outer)) {
                object.add(outer, new JsonObject());
            }
            object = object.getAsJsonObject(outer);
            name = name.substring(dot + 1);
        }
        object.add(name, value);
        return this;
    }

    /** The lines, each with its end. */
    public String text() {
        return String.join("\n", lines) + "\n";
    }

    /** The JSON object, indented, with a line end. */
    public String json() {
        Gson gson = new GsonBuilder()
                .setPrettyPrinting()
                .serializeNulls()
                .disableHtmlEscaping()
                .create();
        return gson.toJson(json) + "\n";
    }
}
