package dev.demur.scoring;

import dev.demur.json.JsonFields;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.readout.DecisionTokens;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A meta file as it was read, of version 1 or 2.
 *
 * @param meta what it says
 * @param tokenIds of version 1: the token id of each label, by which rows of that version tell the model's own choice; else
 *     empty
 */
record ScoreMetaFile(ScoreMeta meta, List<Integer> tokenIds) {

    /** The version that knew control tokens alone. */
    private static final int TOKENS_VERSION = 1;

    /** More than any chat template and its categories take. */
    private static final int LARGEST = 16 << 20;

    /** More than it has. */
    private static final int DEEPEST = 16;

    private static final List<String> FIELDS = List.of(
            "version",
            "fingerprint",
            "template",
            "system",
            "temperature",
            "readout",
            "categories",
            "dataHash",
            "llama",
            "device",
            "weights",
            "renderer");
    private static final List<String> FIELDS_1 = List.of(
            "version",
            "fingerprint",
            "template",
            "system",
            "temperature",
            "respond",
            "respondToken",
            "categories",
            "dataHash",
            "llama",
            "device",
            "weights",
            "renderer");
    private static final List<String> CATEGORY_FIELDS = List.of("id", "name");
    private static final List<String> CATEGORY_FIELDS_1 = List.of("id", "token", "name", "tokenId");

    static ScoreMetaFile read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw new ScoreFileException(
                        file + ": is larger than " + (LARGEST >> 20) + " MiB and thus no meta file");
            }
            CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
            return parse(utf8.decode(ByteBuffer.wrap(bytes)).toString(), file.toString());
        } catch (IOException e) {
            throw new ScoreFileException(file + ": the meta file cannot be read: " + e, e);
        }
    }

    static ScoreMetaFile parse(String json, String source) {
        JsonFields fields = JsonFields.parse(json, DEEPEST, source, ScoreFileException::new);
        boolean tokens = fields.isNumber("version", TOKENS_VERSION);
        if (!tokens && fields.has("version") && !fields.isNumber("version", ScoreMeta.VERSION)) {
            fields.number("version");
            throw fields.error(
                    "version",
                    "must be " + TOKENS_VERSION + " or " + ScoreMeta.VERSION + ", which this release of Demur reads");
        }
        fields.only(tokens ? FIELDS_1 : FIELDS).require("version");
        List<JsonFields> categories = fields.objects("categories");
        List<Integer> tokenIds = new ArrayList<>();
        Labels labels = labels(fields, categories, tokens);
        ReadoutIdentity readout = tokens ? tokens(fields, categories, labels, tokenIds) : readout(fields);
        String llama = fields.stringOrNull("llama");
        String device = fields.stringOrNull("device");
        InferenceBackend engine = llama == null || device == null ? null : new InferenceBackend(llama, device);
        ScoreMeta meta = fields.checked(() -> new ScoreMeta(
                fields.string("fingerprint"),
                fields.require("template").stringOrNull("template"),
                fields.require("system").stringOrNull("system"),
                fields.number("temperature"),
                labels,
                readout,
                fields.string("dataHash"),
                engine,
                fields.stringOrNull("weights"),
                fields.stringOrNull("renderer")));
        return new ScoreMetaFile(meta, List.copyOf(tokenIds));
    }

    private static Labels labels(JsonFields fields, List<JsonFields> objects, boolean tokens) {
        List<Category> categories = new ArrayList<>();
        for (JsonFields object : objects) {
            object.only(tokens ? CATEGORY_FIELDS_1 : CATEGORY_FIELDS);
            categories.add(object.checked(() -> new Category(object.string("id"), object.string("name"))));
        }
        return fields.checked(() -> new Labels(categories));
    }

    private static ReadoutIdentity readout(JsonFields fields) {
        JsonFields readout = fields.object("readout").only(List.of("kind", "checksum", "tokens"));
        Map<String, String> tokens = new LinkedHashMap<>();
        if (readout.has("tokens")) {
            JsonFields named = readout.object("tokens");
            named.names().forEach(label -> tokens.put(label, named.string(label)));
        }
        return readout.checked(() -> new ReadoutIdentity(
                readout.string("kind"), readout.require("checksum").stringOrNull("checksum"), tokens));
    }

    /**
     * Of version 1: the tokens of the categories, and the respond token.
     *
     * @param ids takes their ids
     */
    private static ReadoutIdentity tokens(
            JsonFields fields, List<JsonFields> categories, Labels labels, List<Integer> ids) {
        List<String> texts = new ArrayList<>();
        for (JsonFields category : categories) {
            texts.add(category.string("token"));
            ids.add(category.integer("tokenId"));
        }
        texts.add(fields.string("respond"));
        ids.add(fields.integer("respondToken"));
        return fields.checked(() -> new DecisionTokens(labels, texts, ids).identity());
    }
}
