package dev.demur.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.demur.DemurException;
import dev.demur.evaluation.Evaluation;
import dev.demur.evaluation.EvaluationOptions;
import dev.demur.gguf.GgufFile;
import dev.demur.policy.Calibration;
import dev.demur.policy.Calibrations;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.InferenceBackend;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.scoring.TwoCategories;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class NoiseTest {

    private static final ScoreMeta NEW = new ScoreMeta(
            "model-1",
            "chatml",
            null,
            1,
            TwoCategories.LABELS,
            TwoCategories.TOKENS.identity(),
            "data-1",
            new InferenceBackend("new 0.5.0", "CPU"),
            "Q4_0",
            null);

    /** Ten rows whose log-odds of a lie at i/10 - 0.45, moved by so much in every second one. */
    private static ScoredPrompts prompts(ScoreMeta meta, double moved) {
        ScoredPrompts.Builder builder = ScoredPrompts.builder(meta);
        for (int i = 0; i < 10; i++) {
            double odds = Math.exp(i / 10.0 - 0.45 + (i % 2 == 0 ? moved : 0));
            double a = odds / (1 + odds);
            builder.add("r" + i, i % 2 == 0 ? "a" : null, i % 2 == 0, new double[] {a, 0, 0.2}, TwoCategories.RESPOND);
        }
        return builder.build();
    }

    @Test
    void differences_of_the_same_prompts_are_measured_and_decisions_that_differ_counted() {
        ScoredPrompts one = prompts(TwoCategories.META, 0);
        ScoredPrompts other = prompts(NEW, 0.3);
        Noise noise = Noise.between(one, other);
        assertEquals(0.3, noise.largest(), 1e-9);
        assertEquals(0, noise.median(), 1e-9);
        assertEquals(10, noise.prompts());
        assertEquals("measured between llama.cpp old on CPU and llama.cpp new 0.5.0 on CPU", noise.origin());
        RefusalPolicy policy = TwoCategories.defaults(Rule.THRESHOLD);
        // of the moved rows 0, 2, 4, 6, 8 at -0.45, -0.25, -0.05, 0.15, 0.35 two cross 0.5, which is 0
        assertEquals(2, Noise.decidedOtherwise(one, other, policy));
        assertEquals(0, Noise.decidedOtherwise(one, one, policy));
        assertEquals(6, Evaluation.rowsWithin(one, policy, 0.3));
    }

    @Test
    void what_is_of_another_model_or_has_no_prompt_in_common_cannot_be_compared() {
        ScoredPrompts one = prompts(TwoCategories.META, 0);
        ScoreMeta model = new ScoreMeta(
                "model-2", "chatml", null, 1, NEW.labels(), NEW.readout(), "data-1", NEW.engine(), null, null);
        assertThrows(DemurException.class, () -> Noise.between(one, prompts(model, 0)));
        ScoredPrompts listed = prompts(renderedBy("llama.cpp"), 0);
        assertThrows(DemurException.class, () -> Noise.between(listed, prompts(renderedBy("jinja"), 0)));
        assertEquals(0, Noise.between(listed, one).largest(), "an older file does not tell");
        ScoredPrompts others = ScoredPrompts.builder(NEW)
                .add("another", null, false, new double[] {0.1, 0.1, 0.1}, null)
                .build();
        assertThrows(DemurException.class, () -> Noise.between(one, others));
    }

    private static ScoreMeta renderedBy(String renderer) {
        return new ScoreMeta(
                NEW.fingerprint(),
                NEW.template(),
                null,
                1,
                NEW.labels(),
                NEW.readout(),
                "data-1",
                NEW.engine(),
                null,
                renderer);
    }

    @Test
    void a_policy_keeps_it_with_its_calibration_and_its_promise_too() {
        RefusalPolicy policy = Calibrator.calibrate(
                        prompts(TwoCategories.META, 0),
                        CalibrationRequest.of(Rule.THRESHOLD, new Objective.MaxF1(false)))
                .policy();
        assertNull(Noise.of(policy));
        Noise noise = new Noise(0.1, 0.5, 10, "here");
        RefusalPolicy kept = noise.keptBy(policy);
        assertEquals(noise, Noise.of(kept));
        assertEquals(PolicyBinding.SAME, PolicyBinding.of(kept));
        JsonObject note = Calibrations.json(kept);
        note.getAsJsonObject("noise").addProperty("largest", 0.01);
        assertNull(Noise.of(kept.withCalibration(Calibration.parse(note.toString()))), "a median above the largest");
        RefusalPolicy plain = TwoCategories.defaults(Rule.THRESHOLD);
        assertEquals(plain, noise.keptBy(plain));
    }

    @Test
    void what_is_typical_goes_by_the_weights_of_the_bundled_models() {
        assertEquals("F16", GgufFile.read(Path.of("models", "demur-tiny.gguf")).weightType());
        String weights = GgufFile.read(Path.of("models", "demur-small.gguf")).weightType();
        assertTrue(weights.startsWith("Q4"), weights);
        Noise small = Objects.requireNonNull(Noise.typical(weights));
        assertEquals(0.16, small.median());
        assertEquals(0.994, small.largest());
        Noise tiny = Objects.requireNonNull(Noise.typical("F16"));
        assertEquals(EvaluationOptions.DEFAULT_NOISE, tiny.largest());
        assertNull(Noise.typical(null));
    }

    @Test
    void the_type_of_the_weights_is_kept_beside_the_scores() {
        assertEquals(NEW, ScoreMeta.parse(NEW.toJson(), "meta"));
        assertNull(ScoreMeta.parse(TwoCategories.META.toJson(), "meta").weights());
    }
}
