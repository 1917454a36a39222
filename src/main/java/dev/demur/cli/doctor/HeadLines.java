package dev.demur.cli.doctor;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonSyntaxException;
import dev.demur.llama.HiddenState;
import dev.demur.policy.Category;
import dev.demur.readout.Head;
import dev.demur.readout.HeadFile;
import dev.demur.readout.Wording;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What {@code inspect} shows of a head. */
public final class HeadLines {

    private HeadLines() {}

    /**
     * Adds what is known of a head.
     *
     * @param where the file that it lies in, as a person knows it
     */
    public static void add(Findings facts, HeadFile file, String where) {
        Head head = file.head();
        facts.line("Head", where + ": decides between " + head.labels().categoryIds() + " and respond");
        facts.line("", "reads " + layers(head) + "; " + head.size() + " numbers");
        facts.line(
                "", head.sees() == Head.Sees.MESSAGE ? "sees the last message alone" : "sees the whole conversation");
        if (head.wording() == Wording.NORMALIZED) {
            facts.line("", "reads messages normalized: case, spaces and final marks change nothing");
        }
        String name = file.facts().modelName();
        facts.line("", "fitted on " + (name == null ? "a model without a name" : name));
        JsonObject json = new JsonObject();
        json.addProperty("where", where);
        json.addProperty("checksum", head.checksum());
        json.addProperty("sees", head.sees().id());
        json.addProperty("wording", head.wording().id());
        JsonArray categories = new JsonArray();
        head.labels().categories().stream().map(Category::id).forEach(categories::add);
        json.add("categories", categories);
        json.addProperty("width", head.width());
        json.addProperty("modelName", name);
        json.addProperty("model", file.facts().model());
        json.add("data", shown(facts, "fitted with", file.facts().data()));
        json.add("validation", shown(facts, "cross-validation", file.facts().validation()));
        facts.field("head", json);
    }

    /** As {@code blocks 9, 13 (last, mean)}. */
    private static String layers(Head head) {
        Map<Integer, String> poolings = new TreeMap<>();
        for (HiddenState value : head.values()) {
            poolings.merge(value.layer(), value.pooling().id(), (one, other) -> one + " and " + other);
        }
        return poolings.entrySet().stream()
                .map(entry -> "block " + entry.getKey() + " (" + entry.getValue() + ")")
                .collect(Collectors.joining(", "));
    }

    /** Shows the plain values of a JSON object; a file may hold anything there. */
    private static JsonElement shown(Findings facts, String label, String text) {
        JsonElement json;
        try {
            json = JsonParser.parseString(text);
        } catch (JsonSyntaxException e) {
            return JsonNull.INSTANCE;
        }
        if (json instanceof JsonObject object) {
            List<String> values = object.entrySet().stream()
                    .filter(entry -> entry.getValue().isJsonPrimitive())
                    .map(entry -> entry.getKey() + " " + entry.getValue().getAsString())
                    .toList();
            if (!values.isEmpty()) {
                facts.line("", label + ": " + String.join(", ", values));
            }
        }
        return json;
    }
}
