package dev.demur.calibration;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.readout.DecisionTokens;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

    private static final List<String> FIELDS =
            List.of("version", "fingerprint", "template", "system", "temperature", "readout", "categories", "dataHash");
    private static final List<String> FIELDS_1 = List.of(
            "version",
            "fingerprint",
            "template",
            "system",
            "temperature",
            "respond",
            "respondToken",
            "categories",
            "dataHash");
    private static final List<String> OPTIONAL_FIELDS = List.of("llama", "device", "weights", "renderer");
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
        Parser parser = new Parser(versionOf(json) == TOKENS_VERSION);
        StrictObject.read(
                json,
                source,
                in -> in.fields(parser.tokens ? FIELDS_1 : FIELDS, OPTIONAL_FIELDS, name -> parser.field(in, name)));
        try {
            return parser.result();
        } catch (IllegalArgumentException e) {
            throw new ScoreFileException(source + ": " + e.getMessage(), e);
        }
    }

    /** The version that the text names first; NaN where it names none, which whoever reads it all will say. */
    private static double versionOf(String json) {
        JsonReader reader = new JsonReader(new StringReader(json));
        reader.setStrictness(Strictness.STRICT);
        try {
            reader.beginObject();
            while (reader.hasNext()) {
                if (reader.nextName().equals("version") && reader.peek() == JsonToken.NUMBER) {
                    return Double.parseDouble(reader.nextString());
                }
                reader.skipValue();
            }
        } catch (IOException | IllegalStateException e) {
            return Double.NaN;
        }
        return Double.NaN;
    }

    private static final class Parser {
        final boolean tokens;
        String fingerprint = "";

        @Nullable
        String template;

        @Nullable
        String system;

        double temperature;
        String respond = "";
        int respondToken;
        String kind = "";

        @Nullable
        String checksum;

        final Map<String, String> tokenTexts = new LinkedHashMap<>();
        String dataHash = "";

        @Nullable
        String llama;

        @Nullable
        String device;

        @Nullable
        String weights;

        @Nullable
        String renderer;

        final List<Category> categories = new ArrayList<>();
        final List<String> texts = new ArrayList<>();
        final List<Integer> ids = new ArrayList<>();

        Parser(boolean tokens) {
            this.tokens = tokens;
        }

        void field(StrictObject in, String name) throws IOException {
            switch (name) {
                case "version" -> {
                    double version = in.number();
                    if (version != TOKENS_VERSION && version != ScoreMeta.VERSION) {
                        throw in.error("must be " + TOKENS_VERSION + " or " + ScoreMeta.VERSION
                                + ", which this release of Demur reads");
                    }
                }
                case "fingerprint" -> fingerprint = in.string();
                case "template" -> template = in.stringOrNull();
                case "system" -> system = in.stringOrNull();
                case "temperature" -> temperature = in.number();
                case "readout" -> readout(in);
                case "respond" -> respond = in.string();
                case "respondToken" -> respondToken = in.integer();
                case "dataHash" -> dataHash = in.string();
                case "llama" -> llama = in.stringOrNull();
                case "device" -> device = in.stringOrNull();
                case "weights" -> weights = in.stringOrNull();
                case "renderer" -> renderer = in.stringOrNull();
                default -> in.elements(this::category);
            }
        }

        private void readout(StrictObject in) throws IOException {
            in.fields(List.of("kind", "checksum"), List.of("tokens"), name -> {
                switch (name) {
                    case "kind" -> kind = in.string();
                    case "checksum" -> checksum = in.stringOrNull();
                    default -> in.anyFields(label -> tokenTexts.put(label, in.string()));
                }
            });
        }

        private void category(StrictObject in) throws IOException {
            String[] named = new String[CATEGORY_FIELDS.size()];
            in.fields(tokens ? CATEGORY_FIELDS_1 : CATEGORY_FIELDS, name -> {
                switch (name) {
                    case "tokenId" -> ids.add(in.integer());
                    case "token" -> texts.add(in.string());
                    default -> named[CATEGORY_FIELDS.indexOf(name)] = in.string();
                }
            });
            try {
                categories.add(new Category(named[0], named[1]));
            } catch (IllegalArgumentException e) {
                throw in.error(String.valueOf(e.getMessage()));
            }
        }

        ScoreMetaFile result() {
            Labels labels = new Labels(categories);
            ReadoutIdentity readout;
            if (tokens) {
                texts.add(respond);
                ids.add(respondToken);
                readout = new DecisionTokens(labels, texts, ids).identity();
            } else {
                readout = new ReadoutIdentity(kind, checksum, tokenTexts);
            }
            InferenceBackend engine = llama == null || device == null ? null : new InferenceBackend(llama, device);
            ScoreMeta meta = new ScoreMeta(
                    fingerprint, template, system, temperature, labels, readout, dataHash, engine, weights, renderer);
            return new ScoreMetaFile(meta, List.copyOf(ids));
        }
    }
}
