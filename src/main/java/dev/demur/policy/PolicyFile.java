package dev.demur.policy;

import dev.demur.arguments.Given;
import dev.demur.json.ForeignText;
import dev.demur.json.JsonFields;
import dev.demur.json.JsonMembers;
import dev.demur.json.JsonText;
import dev.demur.json.JsonValue.JsonObject;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Policies as JSON: {@code {"version": 2, "rule", "temperature", "readout": {"kind", "checksum", "tokens"},
 * "sumThreshold", "categories": [{"id", "name", "threshold", "bias", "reply"}], "map": {"labels", "rows": [{"weights",
 * "bias"}]}, "calibration"}}.
 *
 * <p>Only {@code version}, {@code rule}, {@code categories} and a category's {@code id} must be there. Version 1 is read
 * too: it has a {@code respond} and for each category a {@code token}, which are the texts of control tokens, in place of
 * {@code readout}. Anything else that is wrong is a {@link PolicyException} that names source and field, as
 * {@code policy.json: categories[2].threshold: 1.5 is not in [0, 1]}.
 */
public final class PolicyFile {

    private static final int VERSION = 2;
    private static final int TOKENS_VERSION = 1;

    /** More than any policy needs, and little enough to read at once. */
    private static final int LARGEST = 16 << 20;

    /** Several times what a policy has; a calibration is compared and written by recursion. */
    static final int DEEPEST = 24;

    private static final List<String> FIELDS =
            List.of("version", "rule", "temperature", "readout", "sumThreshold", "categories", "map", "calibration");
    private static final List<String> FIELDS_1 =
            List.of("version", "rule", "temperature", "respond", "sumThreshold", "categories", "calibration");
    private static final List<String> ALL_FIELDS =
            Stream.concat(FIELDS.stream(), FIELDS_1.stream()).distinct().toList();
    private static final List<String> CATEGORY_FIELDS = List.of("id", "name", "threshold", "bias", "reply");
    private static final List<String> CATEGORY_FIELDS_1 = List.of("id", "token", "name", "threshold", "bias", "reply");
    private static final List<String> MAP_FIELDS = List.of("labels", "rows");
    private static final List<String> ROW_FIELDS = List.of("weights", "bias");
    private static final List<String> READOUT_FIELDS = List.of("kind", "checksum", "tokens");

    /** The kind of readout that version 1 knew alone. */
    private static final String TOKENS = "tokens";

    private PolicyFile() {}

    /** Reads a file of at most 16 MiB; a file that cannot be read is a PolicyException too. */
    public static RefusalPolicy read(Path file) {
        Given.value(file, "file");
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
        Given.value(json, "json");
        Given.value(source, "source");
        requireSize(json.length(), source);
        JsonFields fields = JsonFields.parse(json, DEEPEST, source, PolicyException::new);
        boolean tokens = fields.isNumber("version", TOKENS_VERSION);
        boolean known = tokens || fields.isNumber("version", VERSION);
        fields.only(tokens ? FIELDS_1 : known ? FIELDS : ALL_FIELDS);
        fields.number("version");
        if (!known) {
            throw fields.error(
                    "version", "must be " + TOKENS_VERSION + " or " + VERSION + ", which this release of Demur reads");
        }
        String ruleId = fields.string("rule");
        Rule rule = fields.checked(() -> Rule.of(ruleId));
        double temperature =
                fields.has("temperature") ? fields.number("temperature") : RefusalPolicy.DEFAULT_TEMPERATURE;
        Double sumThreshold = fields.numberOrNull("sumThreshold");
        ReadoutIdentity readout = tokens ? readoutOfTokens(fields) : readout(fields);
        List<CategoryPolicy> categories = categories(fields, tokens);
        LogisticMap map = tokens ? null : map(fields);
        Calibration calibration = Calibration.of(fields.objectOrNull("calibration"));
        return fields.checked(
                () -> new RefusalPolicy(rule, temperature, readout, sumThreshold, categories, map, calibration));
    }

    private static @Nullable ReadoutIdentity readout(JsonFields fields) {
        JsonFields readout = fields.objectOrNull("readout");
        if (readout == null) {
            return null;
        }
        readout.only(READOUT_FIELDS);
        String kind = readout.string("kind");
        String checksum = readout.stringOrNull("checksum");
        Map<String, String> tokens = new LinkedHashMap<>();
        JsonFields named = readout.objectOrNull("tokens");
        if (named != null) {
            named.names().forEach(label -> tokens.put(label, named.string(label)));
        }
        return readout.checked(() -> new ReadoutIdentity(kind, checksum, tokens));
    }

    private static @Nullable LogisticMap map(JsonFields fields) {
        JsonFields map = fields.objectOrNull("map");
        if (map == null) {
            return null;
        }
        map.only(MAP_FIELDS);
        List<String> labels = map.strings("labels");
        List<LogisticMap.Row> rows = new ArrayList<>();
        for (JsonFields row : map.objects("rows")) {
            row.only(ROW_FIELDS);
            List<Double> weights = Arrays.stream(row.numbers("weights")).boxed().toList();
            double bias = row.number("bias");
            rows.add(row.checked(() -> new LogisticMap.Row(weights, bias)));
        }
        return map.checked(() -> new LogisticMap(labels, rows));
    }

    /** Of version 1: the tokens of the categories, and the respond token. */
    private static ReadoutIdentity readoutOfTokens(JsonFields fields) {
        Map<String, String> tokens = new LinkedHashMap<>();
        Map<String, String> places = new HashMap<>();
        List<JsonFields> categories = fields.objects("categories");
        addToken(fields, "respond", Labels.RESPOND, Labels.RESPOND, tokens, places);
        for (int i = 0; i < categories.size(); i++) {
            JsonFields category = categories.get(i).only(CATEGORY_FIELDS_1);
            addToken(category, "token", category.string("id"), "categories[" + i + "]", tokens, places);
        }
        return new ReadoutIdentity(TOKENS, null, tokens);
    }

    private static void addToken(
            JsonFields fields,
            String field,
            String label,
            String place,
            Map<String, String> tokens,
            Map<String, String> places) {
        String token = fields.string(field);
        if (token.isBlank()) {
            throw fields.error(field, "is blank");
        }
        String same = places.putIfAbsent(token.strip(), place);
        if (same != null) {
            throw fields.error(field, ForeignText.quoted(token) + " is already the token of " + same);
        }
        tokens.putIfAbsent(label, token);
    }

    private static void requireSize(int size, String source) {
        if (size > LARGEST) {
            throw new PolicyException(source + ": is larger than 16 MiB and thus no policy");
        }
    }

    private static List<CategoryPolicy> categories(JsonFields policy, boolean tokens) {
        List<CategoryPolicy> categories = new ArrayList<>();
        for (JsonFields fields : policy.objects("categories")) {
            fields.only(tokens ? CATEGORY_FIELDS_1 : CATEGORY_FIELDS);
            String id = fields.string("id");
            String name = fields.has("name") ? fields.string("name") : null;
            Double threshold = fields.numberOrNull("threshold");
            Double bias = fields.numberOrNull("bias");
            String reply = fields.stringOrNull("reply");
            categories.add(fields.checked(() -> new CategoryPolicy(id, name, threshold, bias, reply)));
        }
        return categories;
    }

    /** The policy as JSON for a person to read, whose numbers {@link #parse} reads back as the same doubles. */
    public static String write(RefusalPolicy policy) {
        Given.value(policy, "policy");
        LogisticMap map = policy.map();
        Calibration calibration = policy.calibration();
        ReadoutIdentity readout = policy.readout();
        JsonMembers json = new JsonMembers()
                .put("version", VERSION)
                .put("rule", policy.rule().id())
                .put("temperature", policy.temperature())
                .put("readout", readout == null ? null : readout.tree())
                .put("sumThreshold", policy.sumThreshold())
                .putObjects(
                        "categories",
                        policy.categories().stream().map(PolicyFile::tree).toList());
        if (map != null) {
            json.put("map", tree(map));
        }
        json.put("calibration", calibration == null ? null : calibration.tree());
        return JsonText.pretty(json.object()) + "\n";
    }

    private static JsonObject tree(LogisticMap map) {
        List<JsonObject> rows = map.rows().stream()
                .map(row -> new JsonMembers()
                        .putNumbers("weights", row.weights())
                        .put("bias", row.bias())
                        .object())
                .toList();
        return new JsonMembers()
                .putStrings("labels", map.labels())
                .putObjects("rows", rows)
                .object();
    }

    private static JsonObject tree(CategoryPolicy category) {
        JsonMembers json = new JsonMembers().put("id", category.id());
        if (category.name() != null) {
            json.put("name", category.name());
        }
        return json.put("threshold", category.threshold())
                .put("bias", category.bias())
                .put("reply", category.reply())
                .object();
    }
}
