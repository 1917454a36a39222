package dev.demur.calibration;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import dev.demur.llama.LlamaModel;
import dev.demur.policy.Category;
import dev.demur.policy.ControlTokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a score file was made with and from; kept beside it in a file of its own, so that resuming can compare.
 *
 * <p>As JSON: {@code {"version": 1, "fingerprint", "template", "system", "temperature", "respond", "respondToken",
 * "categories": [{"id", "token", "name", "tokenId"}], "dataHash", "llama", "device"}}, all but the last two required; {@code
 * template}, {@code system}, {@code llama} and {@code device} may be null.
 *
 * @param fingerprint identifies the model, its control tokens and its template; compared, never taken apart
 * @param template the chat template's name or text; null: none was used
 * @param system the system message before every prompt; null: none
 * @param temperature &tau; of the softmax
 * @param tokens the control tokens, in the order of the probabilities
 * @param dataHash identifies the data that was scored; compared, never taken apart
 * @param engine what computed the scores; null: that is not known
 */
public record ScoreMeta(
        String fingerprint,
        @Nullable String template,
        @Nullable String system,
        double temperature,
        ControlTokens tokens,
        String dataHash,
        @Nullable Engine engine) {

    private static final int VERSION = 1;
    private static final String SUFFIX = ".meta.json";
    private static final List<String> FIELDS = List.of(
            "version",
            "fingerprint",
            "template",
            "system",
            "temperature",
            "respond",
            "respondToken",
            "categories",
            "dataHash");
    private static final List<String> OPTIONAL_FIELDS = List.of("llama", "device");
    private static final List<String> CATEGORY_FIELDS = List.of("id", "token", "name", "tokenId");

    private static final Gson WRITER = new GsonBuilder()
            .setStrictness(Strictness.STRICT)
            .setPrettyPrinting()
            .serializeNulls()
            .disableHtmlEscaping()
            .create();

    public ScoreMeta {
        if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature: " + temperature + " is not a finite number above 0");
        }
    }

    /** Of what a loaded model would score, as {@link PromptScorer#meta} gives it. */
    static ScoreMeta of(
            LlamaModel model,
            ControlTokens tokens,
            @Nullable String template,
            @Nullable String system,
            double temperature,
            String dataHash) {
        return new ScoreMeta(
                model.file().fingerprint(), template, system, temperature, tokens, dataHash, Engine.of(model));
    }

    /** Where the meta file of a score file lies: {@code s.jsonl} has {@code s.jsonl.meta.json}. */
    public static Path beside(Path scores) {
        return scores.resolveSibling(scores.getFileName() + SUFFIX);
    }

    /**
     * Reads a meta file.
     *
     * @throws ScoreFileException naming file and field
     */
    public static ScoreMeta read(Path file) {
        try {
            return parse(Files.readString(file, StandardCharsets.UTF_8), file.toString());
        } catch (IOException e) {
            throw new ScoreFileException(file + ": the meta file cannot be read: " + e, e);
        }
    }

    /**
     * The meta data in a JSON text.
     *
     * @param source what messages call the text, as a file name
     */
    public static ScoreMeta parse(String json, String source) {
        Parser parser = new Parser();
        StrictObject.read(json, source, in -> in.fields(FIELDS, OPTIONAL_FIELDS, name -> parser.field(in, name)));
        try {
            ControlTokens tokens =
                    new ControlTokens(parser.categories, parser.tokens, parser.respond, parser.respondToken);
            return new ScoreMeta(
                    parser.fingerprint,
                    parser.template,
                    parser.system,
                    parser.temperature,
                    tokens,
                    parser.dataHash,
                    parser.engine());
        } catch (IllegalArgumentException e) {
            throw new ScoreFileException(source + ": " + e.getMessage(), e);
        }
    }

    private static final class Parser {
        String fingerprint = "";

        @Nullable
        String template;

        @Nullable
        String system;

        double temperature;
        String respond = "";
        int respondToken;
        String dataHash = "";

        @Nullable
        String llama;

        @Nullable
        String device;

        final List<Category> categories = new ArrayList<>();
        final List<Integer> tokens = new ArrayList<>();

        void field(StrictObject in, String name) throws IOException {
            switch (name) {
                case "version" -> {
                    if (in.number() != VERSION) {
                        throw in.error("must be " + VERSION + ", the only one that this release of Demur reads");
                    }
                }
                case "fingerprint" -> fingerprint = in.string();
                case "template" -> template = in.stringOrNull();
                case "system" -> system = in.stringOrNull();
                case "temperature" -> temperature = in.number();
                case "respond" -> respond = in.string();
                case "respondToken" -> respondToken = in.integer();
                case "dataHash" -> dataHash = in.string();
                case "llama" -> llama = in.stringOrNull();
                case "device" -> device = in.stringOrNull();
                default -> in.elements(this::category);
            }
        }

        @Nullable
        Engine engine() {
            return llama == null || device == null ? null : new Engine(llama, device);
        }

        private void category(StrictObject in) throws IOException {
            String[] texts = new String[CATEGORY_FIELDS.size()];
            in.fields(CATEGORY_FIELDS, name -> {
                if (name.equals("tokenId")) {
                    tokens.add(in.integer());
                } else {
                    texts[CATEGORY_FIELDS.indexOf(name)] = in.string();
                }
            });
            try {
                categories.add(new Category(texts[0], texts[1], texts[2]));
            } catch (IllegalArgumentException e) {
                throw in.error(String.valueOf(e.getMessage()));
            }
        }
    }

    /** The JSON that {@link #parse} reads back as an equal record. */
    public String toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("version", VERSION);
        json.addProperty("fingerprint", fingerprint);
        json.addProperty("template", template);
        json.addProperty("system", system);
        json.addProperty("temperature", temperature);
        json.addProperty("respond", tokens.respondText());
        json.addProperty("respondToken", tokens.respondToken());
        JsonArray categories = new JsonArray();
        for (int i = 0; i < tokens.respondIndex(); i++) {
            Category category = tokens.categories().get(i);
            JsonObject object = new JsonObject();
            object.addProperty("id", category.id());
            object.addProperty("token", category.token());
            object.addProperty("name", category.name());
            object.addProperty("tokenId", tokens.token(i));
            categories.add(object);
        }
        json.add("categories", categories);
        json.addProperty("dataHash", dataHash);
        json.addProperty("llama", engine == null ? null : engine.llama());
        json.addProperty("device", engine == null ? null : engine.device());
        return WRITER.toJson(json) + "\n";
    }

    /** Writes the file as a whole or not at all: first beside it, then moved over it. */
    public void write(Path file) throws IOException {
        Path whole = file.resolveSibling(file.getFileName() + ".part");
        Files.writeString(whole, toJson(), StandardCharsets.UTF_8);
        Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
