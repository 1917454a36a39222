package dev.demur.desktop.model;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.demur.policy.Category;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A conversation as lines of JSON, each of which says what happened: a message, an answer that begins, more of its text, its
 * end, another branch shown, another title. What was begun and never ended was interrupted.
 */
final class ChatRecords {

    private static final Gson WRITER =
            new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

    private ChatRecords() {}

    static String message(ChatTurn turn) {
        JsonObject json = new JsonObject();
        json.addProperty("message", turn.id());
        json.addProperty("parent", turn.parent());
        json.addProperty("text", turn.text());
        return line(json);
    }

    static String begun(ChatTurn turn, Answer answer) {
        JsonObject json = new JsonObject();
        json.addProperty("answer", turn.id());
        json.addProperty("parent", turn.parent());
        json.addProperty("label", answer.label());
        json.addProperty("overruled", answer.overruled());
        json.addProperty("refusedAs", answer.refusedAs());
        json.addProperty("rule", answer.rule());
        JsonObject thresholds = new JsonObject();
        answer.thresholds().forEach(thresholds::addProperty);
        json.add("thresholds", thresholds);
        json.add("reading", reading(answer.reading()));
        return line(json);
    }

    static String more(String turn, String text) {
        JsonObject json = new JsonObject();
        json.addProperty("more", turn);
        json.addProperty("text", text);
        return line(json);
    }

    static String ended(String turn, Answer answer) {
        JsonObject json = new JsonObject();
        json.addProperty("end", turn);
        json.addProperty("finish", answer.finish());
        json.addProperty("tokens", answer.tokens());
        json.addProperty("tokensPerSecond", answer.tokensPerSecond());
        return line(json);
    }

    static String shown(String turn) {
        JsonObject json = new JsonObject();
        json.addProperty("show", turn);
        return line(json);
    }

    static String title(@Nullable String title) {
        JsonObject json = new JsonObject();
        json.addProperty("title", title);
        return line(json);
    }

    private static String line(JsonObject json) {
        return WRITER.toJson(json) + "\n";
    }

    private static JsonObject reading(Reading reading) {
        JsonObject json = new JsonObject();
        JsonArray labels = new JsonArray();
        reading.labels().categories().forEach(category -> {
            JsonObject one = new JsonObject();
            one.addProperty("id", category.id());
            one.addProperty("name", category.name());
            labels.add(one);
        });
        json.add("categories", labels);
        JsonArray probabilities = new JsonArray();
        JsonArray logits = new JsonArray();
        for (int i = 0; i < reading.labels().count(); i++) {
            probabilities.add(reading.probability(i));
            double z = reading.logit(i);
            logits.add(Double.isFinite(z) ? (Number) z : null); // null: -inf
        }
        json.add("probabilities", probabilities);
        json.add("logits", logits);
        json.addProperty("temperature", reading.temperature());
        json.addProperty("choice", reading.choice() == LabelNumbers.NO_LABEL ? null : (Number) reading.choice());
        json.addProperty("relativeError", reading.relativeError());
        json.addProperty("coverage", Math.min(1, reading.coverage()));
        return json;
    }

    /**
     * Makes of a line what happened.
     *
     * @return whether the line could be read; one that a kill cut off cannot
     */
    static boolean apply(Chat chat, String line) {
        try {
            if (JsonParser.parseString(line) instanceof JsonObject json) {
                return apply(chat, json);
            }
            return false;
        } catch (JsonParseException
                | IllegalArgumentException
                | IllegalStateException
                | UnsupportedOperationException e) {
            return false;
        }
    }

    private static boolean apply(Chat chat, JsonObject json) {
        if (json.has("message")) {
            chat.put(new ChatTurn(text(json, "message"), parent(chat, json), text(json, "text"), null));
        } else if (json.has("answer")) {
            chat.put(new ChatTurn(text(json, "answer"), parent(chat, json), "", answer(json)));
        } else if (json.has("more") && chat.has(text(json, "more"))) {
            ChatTurn turn = chat.turn(text(json, "more"));
            chat.put(turn.with(turn.text() + text(json, "text"), turn.answer()));
        } else if (json.has("end") && chat.has(text(json, "end"))) {
            ChatTurn turn = chat.turn(text(json, "end"));
            Answer answer = turn.answer();
            if (answer != null) {
                chat.put(turn.with(
                        turn.text(),
                        answer.ended(
                                text(json, "finish"),
                                json.get("tokens").getAsInt(),
                                json.get("tokensPerSecond").getAsDouble())));
            }
        } else if (json.has("show")) {
            chat.show(text(json, "show"));
        } else if (json.has("title")) {
            chat.name(textOrNull(json, "title"));
        } else {
            return false;
        }
        return true;
    }

    private static @Nullable String parent(Chat chat, JsonObject json) {
        String parent = textOrNull(json, "parent");
        if (parent != null && !chat.has(parent)) {
            throw new IllegalArgumentException("there is no message " + parent);
        }
        return parent;
    }

    private static Answer answer(JsonObject json) {
        Map<String, Double> thresholds = new LinkedHashMap<>();
        json.getAsJsonObject("thresholds")
                .entrySet()
                .forEach(
                        entry -> thresholds.put(entry.getKey(), entry.getValue().getAsDouble()));
        return new Answer(
                textOrNull(json, "label"),
                json.get("overruled").getAsBoolean(),
                textOrNull(json, "refusedAs"),
                text(json, "rule"),
                thresholds,
                readingOf(json.getAsJsonObject("reading")),
                Answer.INTERRUPTED,
                0,
                0);
    }

    private static Reading readingOf(JsonObject json) {
        List<Category> categories = new ArrayList<>();
        for (JsonElement element : json.getAsJsonArray("categories")) {
            JsonObject one = element.getAsJsonObject();
            categories.add(new Category(text(one, "id"), text(one, "name")));
        }
        Reading reading = Reading.of(
                new Labels(categories),
                json.get("temperature").getAsDouble(),
                numbers(json.getAsJsonArray("probabilities")),
                numbers(json.getAsJsonArray("logits")),
                json.get("choice") instanceof JsonNull
                        ? LabelNumbers.NO_LABEL
                        : json.get("choice").getAsInt(),
                json.get("relativeError").getAsDouble());
        return reading.withCoverage(json.get("coverage").getAsDouble());
    }

    private static double[] numbers(JsonArray array) {
        double[] numbers = new double[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).isJsonNull()
                    ? Double.NEGATIVE_INFINITY
                    : array.get(i).getAsDouble();
        }
        return numbers;
    }

    private static String text(JsonObject json, String key) {
        JsonElement element = json.get(key);
        if (element == null) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return element.getAsString();
    }

    private static @Nullable String textOrNull(JsonObject json, String key) {
        JsonElement element = json.get(key);
        return element == null || element.isJsonNull() ? null : element.getAsString();
    }
}
