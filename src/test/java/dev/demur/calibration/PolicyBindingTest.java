package dev.demur.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.scoring.TwoCategories;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A policy file that was edited after its calibration. */
class PolicyBindingTest {

    private static CalibrationResult calibrate(CalibrationRequest request) {
        ScoredPrompts.Builder builder = ScoredPrompts.builder(TwoCategories.META);
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            double a = random.nextDouble() / 2;
            double b = random.nextDouble() / 2;
            boolean refuse = i % 4 == 0;
            builder.add(
                    "row " + i,
                    refuse ? "a" : null,
                    refuse,
                    new double[] {refuse ? a : a / 4, b / 4, 0.3},
                    TwoCategories.RESPOND);
        }
        return Calibrator.calibrate(builder.build(), request);
    }

    private static CalibrationRequest falseRefusal(Rule rule) {
        return CalibrationRequest.of(rule, new Objective.FalseRefusal(0.1, 0.9, false));
    }

    private static JsonObject json(RefusalPolicy policy) {
        return JsonParser.parseString(PolicyFile.write(policy)).getAsJsonObject();
    }

    private static RefusalPolicy parse(JsonObject json) {
        return PolicyFile.parse(json.toString(), "policy.json");
    }

    private static JsonObject category(JsonObject policy, int i) {
        return policy.getAsJsonArray("categories").get(i).getAsJsonObject();
    }

    private record Edit(String what, Consumer<JsonObject> edit) {
        @Override
        public String toString() {
            return what;
        }
    }

    static List<Edit> edits() {
        return List.of(
                new Edit("threshold", json -> category(json, 0).addProperty("threshold", 0.01)),
                new Edit(
                        "threshold by one bit",
                        json -> category(json, 0)
                                .addProperty(
                                        "threshold",
                                        Math.nextUp(category(json, 0)
                                                .get("threshold")
                                                .getAsDouble()))),
                new Edit("threshold removed", json -> category(json, 1).remove("threshold")),
                new Edit("bias", json -> category(json, 1).addProperty("bias", 0.5)),
                new Edit("rule", json -> json.addProperty("rule", "relative")),
                new Edit("temperature", json -> json.addProperty("temperature", 2)),
                new Edit("sum threshold", json -> json.addProperty("sumThreshold", 0.9)),
                new Edit(
                        "category deleted",
                        json -> json.getAsJsonArray("categories").remove(1)),
                new Edit("categories in another order", json -> {
                    JsonArray categories = json.getAsJsonArray("categories");
                    categories.add(categories.remove(0));
                }),
                new Edit("category renamed", json -> category(json, 1).addProperty("id", "c")),
                new Edit(
                        "kind of readout",
                        json -> json.getAsJsonObject("readout").addProperty("kind", "head")),
                new Edit(
                        "checksum of the readout",
                        json -> json.getAsJsonObject("readout").addProperty("checksum", "0123456789abcdef")),
                new Edit(
                        "a token",
                        json -> json.getAsJsonObject("readout")
                                .getAsJsonObject("tokens")
                                .addProperty("a", "[z]")),
                new Edit("no readout", json -> json.remove("readout")),
                new Edit(
                        "the hash itself",
                        json -> json.getAsJsonObject("calibration").addProperty("policyHash", "sha256:0")),
                new Edit(
                        "a hash of the wrong type",
                        json -> json.getAsJsonObject("calibration").addProperty("policyHash", 1)));
    }

    @ParameterizedTest
    @MethodSource("edits")
    void whatever_decides_is_bound_to_the_calibration(Edit edit) {
        RefusalPolicy policy = calibrate(falseRefusal(Rule.THRESHOLD)).policy();
        assertNotEquals(List.of(), PromisedBound.of(policy));
        JsonObject json = json(policy);
        edit.edit().accept(json);
        RefusalPolicy edited = parse(json);
        assertEquals(PolicyBinding.CHANGED, PolicyBinding.of(edited));
        assertEquals(List.of(), PromisedBound.of(edited));
        Provenance.Difference difference =
                Provenance.of(edited).orElseThrow().warnings().get(0);
        assertEquals(Provenance.Field.POLICY, difference.field());
        assertEquals(edited.checksum(), difference.used());
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void what_decides_nothing_may_change_and_so_may_the_way_it_is_written(Rule rule) {
        RefusalPolicy policy = calibrate(falseRefusal(rule)).policy();
        assertEquals(PolicyBinding.SAME, PolicyBinding.of(policy));
        JsonObject json = json(policy);
        category(json, 0).addProperty("reply", "No.");
        category(json, 1).addProperty("name", "Another name");
        category(json, 1)
                .addProperty(
                        "bias",
                        category(json, 1).get("bias").isJsonNull()
                                ? 0
                                : category(json, 1).get("bias").getAsDouble());
        RefusalPolicy edited = parse(turned(json).getAsJsonObject());
        assertEquals(PolicyBinding.SAME, PolicyBinding.of(edited));
        assertEquals(List.of(), Provenance.of(edited).orElseThrow().differences());
        assertEquals(PromisedBound.of(policy), PromisedBound.of(edited));
        assertEquals(PolicyBinding.SAME, PolicyBinding.of(policy.withReply("a", "No.")));
    }

    /** The same JSON with the fields of every object in the reverse order. */
    private static JsonElement turned(JsonElement element) {
        if (!(element instanceof JsonObject object)) {
            if (element instanceof JsonArray array) {
                JsonArray turned = new JsonArray();
                array.forEach(inner -> turned.add(turned(inner)));
                return turned;
            }
            return element;
        }
        List<String> names = new ArrayList<>(object.keySet());
        JsonObject turned = new JsonObject();
        for (int i = names.size() - 1; i >= 0; i--) {
            turned.add(names.get(i), turned(object.get(names.get(i))));
        }
        return turned;
    }

    private static RefusalPolicy older(RefusalPolicy policy, Consumer<JsonObject> edit) {
        JsonObject json = json(policy);
        json.getAsJsonObject("calibration").remove("policyHash");
        json.getAsJsonObject("calibration").remove(NoteHash.FIELD);
        edit.accept(json);
        return parse(json);
    }

    @Test
    void an_older_joint_calibration_proves_its_policy_by_the_shift() {
        for (Rule rule : List.of(Rule.THRESHOLD, Rule.RELATIVE, Rule.TOP_CATEGORY, Rule.LOGIT_BIAS)) {
            // Older releases shifted all thresholds from 0.5.
            RefusalPolicy policy = calibrate(falseRefusal(rule)
                            .from(TwoCategories.defaults(rule))
                            .jointly())
                    .policy();
            assertEquals(PolicyBinding.SAME, PolicyBinding.of(older(policy, json -> {})), rule.id());
            String field = rule == Rule.LOGIT_BIAS ? "bias" : "threshold";
            RefusalPolicy edited = older(policy, json -> category(json, 0).addProperty(field, 0.01));
            assertEquals(PolicyBinding.CHANGED, PolicyBinding.of(edited), rule.id());
            assertEquals(List.of(), PromisedBound.of(edited), rule.id());
        }
    }

    @Test
    void an_older_calibration_of_each_category_says_what_contradicts_it_and_else_that_nothing_can_be_told() {
        RefusalPolicy policy = calibrate(falseRefusal(Rule.THRESHOLD)).policy();
        RefusalPolicy same = older(policy, json -> {});
        assertEquals(PolicyBinding.UNKNOWN, PolicyBinding.of(same));
        assertNotEquals(List.of(), PromisedBound.of(same));
        Provenance provenance = Provenance.of(same).orElseThrow();
        assertEquals(List.of(), provenance.warnings());
        assertEquals(true, provenance.differences().get(0).isUnknown());
        for (Consumer<JsonObject> edit : List.<Consumer<JsonObject>>of(
                json -> json.addProperty("rule", "relative"),
                json -> json.addProperty("temperature", 3),
                json -> json.getAsJsonArray("categories").remove(0))) {
            assertEquals(PolicyBinding.CHANGED, PolicyBinding.of(older(policy, edit)));
        }
        RefusalPolicy refusing = calibrate(CalibrationRequest.of(Rule.THRESHOLD, new Objective.Refusal(0.8, 0.9))
                        .withCategories(List.of("a")))
                .policy();
        assertEquals(
                PolicyBinding.CHANGED,
                PolicyBinding.of(older(refusing, json -> category(json, 0).remove("threshold"))));
    }

    /** What is said of a promise, changed in the file. */
    static List<Consumer<JsonObject>> editedPromises() {
        return List.of(
                note -> outcome(note).addProperty("bound", 0.001),
                note -> outcome(note).addProperty("k", 0),
                note -> outcome(note).addProperty("n", 100_000),
                note -> outcome(note).addProperty("category", "b"),
                note -> note.addProperty("confidence", 0.9999),
                note -> note.addProperty("target", 0.001),
                note -> note.addProperty("objective", "refusal"),
                note -> note.addProperty("nearMissesOnly", true),
                note -> note.addProperty("jointBound", 0.001),
                note -> note.addProperty("statement", "Nobody is refused."),
                note -> note.remove("promptSketch"),
                note -> note.addProperty("device", "another"),
                note -> note.addProperty(NoteHash.FIELD, "sha256:0"),
                note -> note.add(NoteHash.FIELD, new JsonObject()),
                note -> note.addProperty("more", 1));
    }

    private static JsonObject outcome(JsonObject note) {
        return note.getAsJsonArray("outcomes").get(0).getAsJsonObject();
    }

    @ParameterizedTest
    @MethodSource("editedPromises")
    void a_promise_that_was_edited_is_none(Consumer<JsonObject> edit) {
        RefusalPolicy policy = calibrate(falseRefusal(Rule.THRESHOLD)).policy();
        assertNotEquals(List.of(), PromisedBound.of(policy));
        JsonObject json = json(policy);
        edit.accept(json.getAsJsonObject("calibration"));
        RefusalPolicy edited = parse(json);
        assertEquals(PolicyBinding.CHANGED, PolicyBinding.of(edited));
        assertEquals(List.of(), PromisedBound.of(edited));
        List<Provenance.Difference> warnings =
                Provenance.of(edited).orElseThrow().warnings();
        assertEquals(1, warnings.size());
        assertNotEquals(warnings.get(0).calibrated(), warnings.get(0).used());
    }

    @Test
    void a_promise_is_kept_by_a_file_that_is_written_otherwise_and_by_what_is_measured_later() {
        RefusalPolicy policy = calibrate(falseRefusal(Rule.THRESHOLD)).policy();
        JsonObject json = json(policy);
        JsonObject note = json.getAsJsonObject("calibration");
        JsonObject turned = new JsonObject();
        List<String> fields = new ArrayList<>(note.keySet());
        for (int i = fields.size() - 1; i >= 0; i--) {
            turned.add(fields.get(i), note.get(fields.get(i)));
        }
        turned.addProperty("rows", note.get("rows").getAsDouble()); // 200.0 for 200
        json.add("calibration", turned);
        assertEquals(PolicyBinding.SAME, PolicyBinding.of(parse(json)));
        RefusalPolicy measured = new Noise(0.1, 0.5, 10, "here").keptBy(policy);
        assertEquals(PolicyBinding.SAME, PolicyBinding.of(measured));
        assertEquals(PromisedBound.of(policy), PromisedBound.of(measured));
    }

    @Test
    void the_policy_of_the_bundled_model_is_what_was_calibrated() {
        Path model = Path.of("models", "demur-small.gguf");
        assertEquals(true, Files.exists(model));
        String json = Objects.requireNonNull(dev.demur.gguf.GgufFile.read(model).string("demur.policy"));
        RefusalPolicy policy = PolicyFile.parse(json, "demur.policy");
        assertEquals(PolicyBinding.SAME, PolicyBinding.of(policy));
        assertEquals(
                PolicyBinding.CHANGED,
                PolicyBinding.of(policy.withThreshold("safety", 0.01).withCalibration(policy.calibration())));
    }
}
