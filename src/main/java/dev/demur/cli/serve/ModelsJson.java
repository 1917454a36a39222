package dev.demur.cli.serve;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.policy.Rules;

/** What {@code GET /v1/models} tells of the model, in OpenAI's shape; in the field {@code demur} what decides and what it promises. */
final class ModelsJson {

    private ModelsJson() {}

    static JsonObject list(ServedModel model) {
        JsonArray data = new JsonArray();
        for (String name : model.names()) {
            data.add(of(model, name));
        }
        JsonObject json = new JsonObject();
        json.addProperty("object", "list");
        json.add("data", data);
        return json;
    }

    static JsonObject of(ServedModel model, String name) {
        JsonObject json = new JsonObject();
        json.addProperty("id", name);
        json.addProperty("object", "model");
        json.addProperty("created", model.createdSeconds());
        json.addProperty("owned_by", "demur");
        json.add(DecisionJson.FIELD, extension(model));
        return json;
    }

    private static JsonObject extension(ServedModel model) {
        Labels labels = model.engine().labels();
        Rules rules = model.policy().policy().bind(labels);
        JsonArray categories = new JsonArray();
        for (int i = 0; i < labels.respondIndex(); i++) {
            Category category = labels.categories().get(i);
            double threshold = rules.threshold(i);
            JsonObject json = new JsonObject();
            json.addProperty("id", category.id());
            json.addProperty("name", category.name());
            json.addProperty("threshold", Double.isNaN(threshold) ? null : Double.valueOf(threshold));
            categories.add(json);
        }
        JsonObject policy = new JsonObject();
        policy.addProperty("source", model.policy().source());
        policy.addProperty("rule", rules.policy().rule().id());
        policy.addProperty("checksum", model.policy().policy().checksum());
        policy.addProperty("promise", model.policy().promise());
        policy.addProperty("holds", model.policy().holds());
        policy.add("differences", model.policy().differences());
        JsonObject readout = new JsonObject();
        readout.addProperty("kind", model.readout().kind());
        readout.addProperty("checksum", model.readout().checksum());
        JsonObject json = new JsonObject();
        json.addProperty("contextSize", model.engine().contextSize());
        json.add("categories", categories);
        json.add("readout", readout);
        json.add("policy", policy);
        return json;
    }
}
