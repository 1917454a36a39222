package dev.demur.scoring;

import dev.demur.Demur;
import dev.demur.arguments.Given;
import dev.demur.json.JsonMembers;
import dev.demur.json.JsonText;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.StrictJson;
import dev.demur.policy.Labels;
import dev.demur.policy.ReadoutIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a score file was made with and from; kept beside it in a file of its own, so that resuming can compare.
 *
 * <p>As JSON: {@code {"version": 2, "fingerprint", "template", "system", "temperature", "readout": {"kind",
 * "checksum", "tokens"}, "categories": [{"id", "name"}], "dataHash", "llama", "device", "weights", "renderer"}}, all but {@code
 * tokens} and the last four required; {@code template}, {@code system}, {@code checksum}, {@code llama} and {@code device} may be null. Version 1
 * is read too: in place of {@code readout} it has {@code respond} and {@code respondToken}, and for each category {@code
 * token} and {@code tokenId}: the texts and ids of control tokens.
 *
 * @param fingerprint identifies the model and its template; compared, never taken apart
 * @param template the chat template's name or text; null: none was used
 * @param system the system message before every prompt; null: none
 * @param temperature &tau; of the softmax
 * @param labels what the probabilities belong to, in their order
 * @param readout what the probabilities were read by
 * @param dataHash identifies the data that was scored; compared, never taken apart
 * @param engine what computed the scores; null: that is not known
 * @param weights the type that most of the model's weights have, as {@code Q4_0}; null: that is not known
 * @param renderer what wrote the prompts by the chat template, as {@link dev.demur.Demur#decidingRenderer} tells it;
 *     null: nothing did, or that is not known
 */
public record ScoreMeta(
        String fingerprint,
        @Nullable String template,
        @Nullable String system,
        double temperature,
        Labels labels,
        ReadoutIdentity readout,
        String dataHash,
        @Nullable InferenceBackend engine,
        @Nullable String weights,
        @Nullable String renderer) {

    static final int VERSION = 2;

    /** More than a readout has. */
    private static final int DEEPEST = 8;

    private static final String SUFFIX = ".meta.json";

    public ScoreMeta {
        Given.value(fingerprint, "fingerprint");
        Given.value(labels, "labels");
        Given.value(readout, "readout");
        Given.value(dataHash, "dataHash");
        if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature: " + temperature + " is not a finite number above 0");
        }
    }

    /** The same of other data. */
    public ScoreMeta withDataHash(String newDataHash) {
        return new ScoreMeta(
                fingerprint, template, system, temperature, labels, readout, newDataHash, engine, weights, renderer);
    }

    /** The same by another &tau;. */
    public ScoreMeta withTemperature(double newTemperature) {
        return new ScoreMeta(
                fingerprint, template, system, newTemperature, labels, readout, dataHash, engine, weights, renderer);
    }

    /**
     * What a loaded model would score with, as {@link PromptScorer#meta} gives it.
     *
     * @param system the system message before every prompt; null: none
     * @param temperature &tau; of the softmax, above 0
     * @param dataHash identifies the data; empty: none
     */
    public static ScoreMeta of(Demur demur, @Nullable String system, double temperature, String dataHash) {
        Given.value(demur, "demur");
        Given.value(dataHash, "dataHash");
        return new ScoreMeta(
                demur.decidingModel().file().fingerprint(),
                demur.decidingTemplate(),
                system,
                temperature,
                demur.labels(),
                demur.readout().identity(),
                dataHash,
                InferenceBackend.of(demur.decidingModel()),
                demur.decidingModel().file().weightType(),
                demur.decidingRenderer());
    }

    /** Where the meta file of a score file lies: {@code s.jsonl} has {@code s.jsonl.meta.json}. */
    public static Path beside(Path scores) {
        return Given.value(scores, "scores").resolveSibling(scores.getFileName() + SUFFIX);
    }

    /**
     * Reads a meta file.
     *
     * @throws ScoreFileException naming file and field
     */
    public static ScoreMeta read(Path file) {
        Given.value(file, "file");
        return ScoreMetaFile.read(file).meta();
    }

    /**
     * The meta data in a JSON text.
     *
     * @param source what messages call the text, as a file name
     */
    public static ScoreMeta parse(String json, String source) {
        Given.value(json, "json");
        Given.value(source, "source");
        return ScoreMetaFile.parse(json, source).meta();
    }

    /** The JSON that {@link #parse} reads back as an equal record. */
    public String toJson() {
        List<JsonObject> categories = labels.categories().stream()
                .map(category -> new JsonMembers()
                        .put("id", category.id())
                        .put("name", category.name())
                        .object())
                .toList();
        JsonMembers json = new JsonMembers()
                .put("version", VERSION)
                .put("fingerprint", fingerprint)
                .put("template", template)
                .put("system", system)
                .put("temperature", Double.valueOf(temperature))
                .put("readout", StrictJson.parse(readout.toJson(), DEEPEST))
                .putObjects("categories", categories)
                .put("dataHash", dataHash)
                .put("llama", engine == null ? null : engine.llama())
                .put("device", engine == null ? null : engine.device());
        if (weights != null) {
            json.put("weights", weights);
        }
        if (renderer != null) {
            json.put("renderer", renderer);
        }
        return JsonText.pretty(json.object()) + "\n";
    }

    /** Writes the file as a whole or not at all: first beside it, then moved over it. */
    public void write(Path file) throws IOException {
        Given.value(file, "file");
        Path whole = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.writeString(whole, toJson(), StandardCharsets.UTF_8);
            Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(whole); // of an interrupted thread, say
            throw e;
        }
    }
}
