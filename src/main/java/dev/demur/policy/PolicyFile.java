package dev.demur.policy;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Policies as JSON: {@code {"version": 1, "rule", "temperature", "respond", "sumThreshold", "categories": [{"id",
 * "token", "name", "threshold", "bias", "reply"}], "calibration"}}.
 *
 * <p>{@code name}, {@code threshold}, {@code bias}, {@code reply}, {@code sumThreshold}, {@code temperature} and {@code
 * calibration} may be missing. Anything else that is wrong is a {@link PolicyException} that names source and field, as
 * {@code policy.json: categories[2].threshold: 1.5 is not in [0, 1]}.
 */
public final class PolicyFile {

    private static final int VERSION = 1;

    /** More than any policy needs, and little enough to read at once. */
    private static final int LARGEST = 16 << 20;

    private static final List<String> FIELDS =
            List.of("version", "rule", "temperature", "respond", "sumThreshold", "categories", "calibration");
    private static final List<String> CATEGORY_FIELDS = List.of("id", "token", "name", "threshold", "bias", "reply");

    private static final Gson WRITER = new GsonBuilder()
            .setStrictness(Strictness.STRICT)
            .setPrettyPrinting()
            .serializeNulls()
            .disableHtmlEscaping()
            .create();

    private PolicyFile() {}

    /** Reads a file of at most 16 MiB; a file that cannot be read is a PolicyException too. */
    public static RefusalPolicy read(Path file) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LARGEST + 1);
        } catch (NoSuchFileException e) {
            throw new PolicyException(file + ": there is no such policy file", e);
        } catch (AccessDeniedException e) {
            throw new PolicyException(file + ": the policy file may not be read: permission denied", e);
        } catch (IOException e) {
            throw new PolicyException(file + ": the policy file cannot be read: " + e.getMessage(), e);
        }
        requireSize(bytes.length, file.toString());
        return parse(decode(bytes, file), file.toString());
    }

    private static String decode(byte[] bytes, Path file) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new PolicyException(file + ": is not UTF-8 text", e);
        }
    }

    /**
     * The policy in a JSON text.
     *
     * @param source what messages call the text, as a file name or a GGUF key
     */
    public static RefusalPolicy parse(String json, String source) {
        requireSize(json.length(), source);
        JsonFields fields = new JsonFields(source, "", StrictJson.parse(json, source), FIELDS);
        double version = fields.number("version");
        if (version != VERSION) {
            throw fields.error("version", "must be " + VERSION + ", the only one that this release of Demur reads");
        }
        String ruleId = fields.string("rule");
        Rule rule = fields.checked(() -> Rule.of(ruleId));
        double temperature =
                fields.has("temperature") ? fields.number("temperature") : RefusalPolicy.DEFAULT_TEMPERATURE;
        String respond = fields.string("respond");
        Double sumThreshold = fields.numberOrNull("sumThreshold");
        List<CategoryPolicy> categories = categories(fields.array("categories"), source);
        JsonObject calibration = fields.objectOrNull("calibration");
        return fields.checked(
                () -> new RefusalPolicy(rule, temperature, respond, sumThreshold, categories, calibration));
    }

    private static void requireSize(int size, String source) {
        if (size > LARGEST) {
            throw new PolicyException(source + ": is larger than 16 MiB and thus no policy");
        }
    }

    private static List<CategoryPolicy> categories(JsonArray array, String source) {
        List<CategoryPolicy> categories = new ArrayList<>();
        for (JsonElement element : array) {
            String path = "categories[" + categories.size() + "].";
            JsonFields fields = new JsonFields(source, path, element, CATEGORY_FIELDS);
            String id = fields.string("id");
            String token = fields.string("token");
            String name = fields.has("name") ? fields.string("name") : null;
            Double threshold = fields.numberOrNull("threshold");
            Double bias = fields.numberOrNull("bias");
            String reply = fields.stringOrNull("reply");
            categories.add(fields.checked(() -> new CategoryPolicy(id, token, name, threshold, bias, reply)));
        }
        return categories;
    }

    /** The policy as JSON for a person to read, whose numbers {@link #parse} reads back as the same doubles. */
    public static String write(RefusalPolicy policy) {
        JsonObject json = new JsonObject();
        json.addProperty("version", VERSION);
        json.addProperty("rule", policy.rule().id());
        json.addProperty("temperature", policy.temperature());
        json.addProperty("respond", policy.respond());
        json.addProperty("sumThreshold", policy.sumThreshold());
        JsonArray categories = new JsonArray();
        for (CategoryPolicy category : policy.categories()) {
            categories.add(toJson(category));
        }
        json.add("categories", categories);
        json.add("calibration", policy.calibration());
        return WRITER.toJson(json) + "\n";
    }

    private static JsonObject toJson(CategoryPolicy category) {
        JsonObject json = new JsonObject();
        json.addProperty("id", category.id());
        json.addProperty("token", category.token());
        if (category.name() != null) {
            json.addProperty("name", category.name());
        }
        json.addProperty("threshold", category.threshold());
        json.addProperty("bias", category.bias());
        json.addProperty("reply", category.reply());
        return json;
    }
}
