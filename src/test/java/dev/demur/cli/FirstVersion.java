package dev.demur.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.gguf.GgufFile;
import dev.demur.policy.Labels;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.internal.DecisionTokenFinder;
import dev.demur.scoring.ScoreMeta;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Rewrites files as the release before wrote them, which knew control tokens alone. */
final class FirstVersion {

    /** The likeliest token where that is no control token. */
    private static final int OTHER_TOKEN = 3;

    private final DecisionTokens tokens;

    private FirstVersion(DecisionTokens tokens) {
        this.tokens = tokens;
    }

    /** Of files that were made with this model. */
    static FirstVersion of(Path model) {
        return new FirstVersion(DecisionTokenFinder.find(GgufFile.read(model)).tokens());
    }

    /** The ids of the model's tokens, the respond token's last. */
    JsonArray ids() {
        JsonArray ids = new JsonArray();
        tokens.tokens().forEach(ids::add);
        return ids;
    }

    /** A policy, with its calibration if it has one. */
    void rewritePolicy(Path file) throws IOException {
        JsonObject json = parse(Files.readString(file));
        json.addProperty("version", 1);
        json.remove("readout");
        json.addProperty("respond", tokens.texts().get(tokens.labels().respondIndex()));
        for (JsonElement element : json.getAsJsonArray("categories")) {
            JsonObject category = element.getAsJsonObject();
            category.addProperty("token", tokens.texts().get(index(category)));
        }
        if (json.get("calibration") instanceof JsonObject note) {
            note.remove("readout");
            note.remove("noteHash");
            note.add("controlTokens", ids());
        }
        Files.writeString(file, json.toString());
    }

    /** A score file, of which it keeps the first {@code rows} rows, and its meta file. */
    void rewriteScores(Path file, int rows) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file).subList(0, rows)) {
            JsonObject json = parse(line);
            JsonElement choice = json.remove("choice");
            json.addProperty(
                    "argmax",
                    choice instanceof JsonNull
                            ? OTHER_TOKEN
                            : tokens.token(tokens.labels().indexOfLabel(choice.getAsString())));
            lines.add(json.toString());
        }
        Files.write(file, lines);
        Path metaFile = ScoreMeta.beside(file);
        JsonObject meta = parse(Files.readString(metaFile));
        meta.addProperty("version", 1);
        meta.remove("readout");
        int respond = tokens.labels().respondIndex();
        meta.addProperty(Labels.RESPOND, tokens.texts().get(respond));
        meta.addProperty("respondToken", tokens.token(respond));
        for (JsonElement element : meta.getAsJsonArray("categories")) {
            JsonObject category = element.getAsJsonObject();
            category.addProperty("token", tokens.texts().get(index(category)));
            category.addProperty("tokenId", tokens.token(index(category)));
        }
        Files.writeString(metaFile, meta.toString());
    }

    private int index(JsonObject category) {
        return tokens.labels().indexOf(category.get("id").getAsString());
    }

    private static JsonObject parse(String json) {
        return JsonParser.parseString(json).getAsJsonObject();
    }
}
