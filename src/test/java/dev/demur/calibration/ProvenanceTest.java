package dev.demur.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import dev.demur.calibration.Provenance.Difference;
import dev.demur.calibration.Provenance.Field;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProvenanceTest {

    private static final ControlTokens MOVED = new ControlTokens(
            TwoCategories.TOKENS.categories(), List.of(20, 21), TwoCategories.TOKENS.respondText(), 22);
    private static final Engine ENGINE = new Engine("old", "CPU");

    private static final ScoreMeta META =
            new ScoreMeta("model-1", "chatml", null, 1, TwoCategories.TOKENS, "d", ENGINE);

    private static RefusalPolicy calibrated() {
        ScoredPrompts prompts = ScoredPrompts.builder(META)
                .add("1", "a", true, new double[] {0.8, 0.1, 0.1}, 10)
                .add("2", null, false, new double[] {0.1, 0.1, 0.8}, 12)
                .build();
        return Calibrator.calibrate(prompts, CalibrationRequest.of(Rule.THRESHOLD, new Objective.MaxF1(false)))
                .policy();
    }

    private static List<Difference> differences(RefusalPolicy policy, ScoreMeta used) {
        return Provenance.of(policy, used).orElseThrow().differences();
    }

    @Test
    void a_policy_without_a_calibration_has_nothing_to_compare() {
        RefusalPolicy policy = RefusalPolicy.defaults(TwoCategories.TOKENS, Rule.THRESHOLD);
        assertEquals(Optional.empty(), Provenance.of(policy, META));
        assertEquals(Optional.empty(), Provenance.of(calibrated().withThreshold("a", 0.3), META));
    }

    @Test
    void nothing_differs_from_what_a_policy_was_calibrated_with() {
        assertEquals(List.of(), differences(calibrated(), META));
    }

    @ParameterizedTest
    @EnumSource(Field.class)
    void each_field_that_differs_is_told_with_both_values(Field field) {
        ScoreMeta used = new ScoreMeta(
                field == Field.MODEL ? "model-2" : "model-1",
                field == Field.TEMPLATE ? "gemma" : "chatml",
                field == Field.SYSTEM ? "Be brief." : null,
                field == Field.TEMPERATURE ? 2 : 1,
                field == Field.CONTROL_TOKENS ? MOVED : TwoCategories.TOKENS,
                "other data are no difference",
                new Engine(field == Field.LLAMA ? "new 0.5.0" : "old", field == Field.DEVICE ? "GPU" : "CPU"));
        Difference expected = switch (field) {
            case MODEL -> new Difference(field, "model-1", "model-2");
            case TEMPLATE -> new Difference(field, "chatml", "gemma");
            case SYSTEM -> new Difference(field, null, "Be brief.");
            case CONTROL_TOKENS -> new Difference(field, "[10,11,12]", "[20,21,22]");
            case TEMPERATURE -> new Difference(field, "1.0", "2.0");
            case LLAMA -> new Difference(field, "old", "new 0.5.0");
            case DEVICE -> new Difference(field, "CPU", "GPU");
        };
        assertEquals(List.of(expected), differences(calibrated(), used));
        boolean warns = field != Field.SYSTEM && field != Field.LLAMA && field != Field.DEVICE;
        assertEquals(
                warns ? List.of(expected) : List.of(),
                Provenance.of(calibrated(), used).orElseThrow().warnings());
    }

    @Test
    void an_origin_that_is_not_recorded_differs_but_for_llama_and_the_device() {
        JsonObject note = new JsonObject();
        note.add("llama", JsonNull.INSTANCE);
        RefusalPolicy policy =
                RefusalPolicy.defaults(TwoCategories.TOKENS, Rule.THRESHOLD).withCalibration(note);
        assertEquals(
                List.of(Field.MODEL, Field.TEMPLATE, Field.CONTROL_TOKENS, Field.TEMPERATURE),
                differences(policy, META).stream().map(Difference::field).toList());
        ScoreMeta unknownEngine = new ScoreMeta("model-1", "chatml", null, 1, TwoCategories.TOKENS, "d", null);
        assertEquals(List.of(), differences(calibrated(), unknownEngine));
    }

    @Test
    void values_of_the_wrong_type_differ_and_are_shown_as_they_are() {
        JsonObject note = Objects.requireNonNull(calibrated().calibration());
        note.add("fingerprint", new JsonObject());
        note.addProperty("temperature", 1);
        assertEquals(
                List.of(new Difference(Field.MODEL, "{}", "model-1")),
                differences(calibrated().withCalibration(note), META));
    }
}
