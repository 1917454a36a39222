package dev.demur.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import dev.demur.calibration.Provenance.Difference;
import dev.demur.calibration.Provenance.Field;
import dev.demur.policy.Calibration;
import dev.demur.policy.Calibrations;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.DecisionTokens;
import dev.demur.scoring.InferenceBackend;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.scoring.TwoCategories;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProvenanceTest {

    private static final DecisionTokens MOVED =
            new DecisionTokens(TwoCategories.LABELS, TwoCategories.TOKENS.texts(), List.of(20, 21, 22));

    /** {@code printf 10,11,12 | sha256sum} and {@code printf 20,21,22 | sha256sum}, the first 16 digits of each. */
    private static final String SAME = "tokens f063c2ba9a13a311";

    private static final String OTHER = "tokens b15971b6cfa0a768";
    private static final InferenceBackend ENGINE = new InferenceBackend("old", "CPU");

    private static final ScoreMeta META = new ScoreMeta(
            "model-1",
            "chatml",
            null,
            1,
            TwoCategories.LABELS,
            TwoCategories.TOKENS.identity(),
            "d",
            ENGINE,
            null,
            "llama.cpp");

    private static RefusalPolicy calibrated() {
        ScoredPrompts prompts = ScoredPrompts.builder(META)
                .add("1", "a", true, new double[] {0.8, 0.1, 0.1}, TwoCategories.A)
                .add("2", null, false, new double[] {0.1, 0.1, 0.8}, TwoCategories.RESPOND)
                .build();
        return Calibrator.calibrate(prompts, CalibrationRequest.of(Rule.THRESHOLD, new Objective.MaxF1(false)))
                .policy();
    }

    private static List<Difference> differences(RefusalPolicy policy, ScoreMeta used) {
        return Provenance.of(policy, used).orElseThrow().differences();
    }

    @Test
    void a_policy_without_a_calibration_has_nothing_to_compare() {
        RefusalPolicy policy = TwoCategories.defaults(Rule.THRESHOLD);
        assertEquals(Optional.empty(), Provenance.of(policy, META));
        assertEquals(Optional.empty(), Provenance.of(calibrated().withThreshold("a", 0.3), META));
    }

    @Test
    void nothing_differs_from_what_a_policy_was_calibrated_with() {
        assertEquals(List.of(), differences(calibrated(), META));
    }

    @ParameterizedTest
    @EnumSource(value = Field.class, mode = EnumSource.Mode.EXCLUDE, names = "POLICY")
    void each_field_that_differs_is_told_with_both_values(Field field) {
        ScoreMeta used = new ScoreMeta(
                field == Field.MODEL ? "model-2" : "model-1",
                field == Field.TEMPLATE ? "gemma" : "chatml",
                field == Field.SYSTEM ? "Be brief." : null,
                field == Field.TEMPERATURE ? 2 : 1,
                TwoCategories.LABELS,
                (field == Field.READOUT ? MOVED : TwoCategories.TOKENS).identity(),
                "other data are no difference",
                new InferenceBackend(field == Field.LLAMA ? "new 0.5.0" : "old", field == Field.DEVICE ? "GPU" : "CPU"),
                null,
                field == Field.RENDERER ? "jinja" : "llama.cpp");
        Difference expected = switch (field) {
            case POLICY -> throw new AssertionError("not of the scores");
            case MODEL -> new Difference(field, "model-1", "model-2");
            case TEMPLATE -> new Difference(field, "chatml", "gemma");
            case RENDERER -> new Difference(field, "llama.cpp", "jinja");
            case SYSTEM -> new Difference(field, null, "Be brief.");
            case READOUT -> new Difference(field, SAME, OTHER);
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
    void an_origin_that_is_not_recorded_differs_but_for_the_renderer_llama_and_the_device() {
        JsonObject note = new JsonObject();
        note.add("llama", JsonNull.INSTANCE);
        RefusalPolicy policy =
                TwoCategories.defaults(Rule.THRESHOLD).withCalibration(Calibration.parse(note.toString()));
        assertEquals(
                List.of(Field.POLICY, Field.MODEL, Field.TEMPLATE, Field.READOUT, Field.TEMPERATURE),
                differences(policy, META).stream().map(Difference::field).toList());
        ScoreMeta unknownEngine = new ScoreMeta(
                "model-1",
                "chatml",
                null,
                1,
                TwoCategories.LABELS,
                TwoCategories.TOKENS.identity(),
                "d",
                null,
                null,
                null);
        assertEquals(List.of(), differences(calibrated(), unknownEngine));
    }

    @Test
    void values_of_the_wrong_type_differ_and_are_shown_as_they_are() {
        JsonObject note = Calibrations.json(calibrated());
        note.add("fingerprint", new JsonObject());
        note.addProperty("temperature", 1);
        NoteHash.put(note);
        assertEquals(
                List.of(new Difference(Field.MODEL, "{}", "model-1")),
                differences(calibrated().withCalibration(Calibration.parse(note.toString())), META));
    }

    /** The policy with a note as an older release wrote it. */
    private static RefusalPolicy calibratedByTokens(JsonElement ids) {
        JsonObject note = Calibrations.json(calibrated());
        note.remove("readout");
        note.remove(NoteHash.FIELD); // which that release did not write
        note.add("controlTokens", ids);
        return calibrated().withCalibration(Calibration.parse(note.toString()));
    }

    private static JsonArray ids(int... ids) {
        JsonArray array = new JsonArray();
        for (int id : ids) {
            array.add(id);
        }
        return array;
    }

    @Test
    void the_ids_in_a_note_of_version_1_are_the_readout_with_their_checksum() {
        assertEquals(List.of(), differences(calibratedByTokens(ids(10, 11, 12)), META));
        List<Difference> moved = List.of(new Difference(Field.READOUT, OTHER, SAME));
        assertEquals(moved, differences(calibratedByTokens(ids(20, 21, 22)), META));
        assertEquals(
                moved,
                Provenance.of(calibratedByTokens(ids(20, 21, 22)), META)
                        .orElseThrow()
                        .warnings());
        // of other labels, or in another order
        for (JsonArray other : List.of(ids(), ids(10, 12), ids(11, 10, 12))) {
            assertEquals(
                    List.of(Field.READOUT),
                    differences(calibratedByTokens(other), META).stream()
                            .map(Difference::field)
                            .toList());
        }
    }

    @Test
    void a_note_of_version_1_without_ids_or_with_others_than_numbers_differs() {
        assertEquals(
                List.of(new Difference(Field.READOUT, null, SAME)),
                differences(calibratedByTokens(JsonNull.INSTANCE), META));
        JsonArray text = ids(10, 11);
        text.add("12");
        assertEquals(
                List.of(new Difference(Field.READOUT, "[10,11,\"12\"]", SAME)),
                differences(calibratedByTokens(text), META));
    }

    @Test
    void a_readout_of_another_kind_or_without_a_checksum_is_told_by_its_kind() {
        ScoreMeta used = new ScoreMeta(
                "model-1",
                "chatml",
                null,
                1,
                TwoCategories.LABELS,
                new ReadoutIdentity("head", "abc", Map.of()),
                "d",
                ENGINE,
                null,
                null);
        assertEquals(List.of(new Difference(Field.READOUT, SAME, "head abc")), differences(calibrated(), used));
        ScoreMeta unchecked = new ScoreMeta(
                "model-1",
                "chatml",
                null,
                1,
                TwoCategories.LABELS,
                new ReadoutIdentity("tokens", null, Map.of()),
                "d",
                ENGINE,
                null,
                null);
        assertEquals(List.of(new Difference(Field.READOUT, SAME, "tokens")), differences(calibrated(), unchecked));
    }
}
