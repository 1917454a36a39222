package dev.demur.calibration;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A policy's {@code calibration} object: what it was calibrated on and the bounds it promises. Its fields are described
 * in docs/CALIBRATION.md; a date is not among them, so that the same scores give the same file.
 */
final class CalibrationNote {

    static final String DATA_HASH = "dataHash";
    static final String SCORES_HASH = "scoresHash";
    static final String SKETCH = "promptSketch";

    private CalibrationNote() {}

    /** @param bound the joint bound of a separate calibration; null: the calibration was joint */
    static CalibrationResult attach(
            ScoredPrompts prompts,
            CalibrationRequest request,
            RefusalPolicy policy,
            List<Calibrated> outcomes,
            @Nullable Double shift,
            @Nullable JointBound bound) {
        Double jointBound = bound == null ? null : bound.value();
        String jointBoundReason = bound == null ? null : bound.reason();
        String statement = PromiseStatement.of(request.objective(), outcomes, bound);
        JsonObject note = new JsonObject();
        addOrigin(note, prompts);
        note.addProperty(PolicyBinding.FIELD, policy.checksum());
        note.addProperty("rule", request.rule().id());
        addObjective(note, request.objective());
        note.addProperty("joint", bound == null);
        JsonArray list = new JsonArray();
        outcomes.forEach(outcome -> list.add(toJson(outcome)));
        note.add("outcomes", list);
        note.addProperty("shift", shift);
        note.addProperty("jointBound", jointBound);
        note.addProperty("jointBoundReason", jointBoundReason);
        note.addProperty("statement", statement);
        NoteHash.put(note);
        return new CalibrationResult(
                Notes.with(policy, note), outcomes, shift, jointBound, jointBoundReason, statement);
    }

    private static void addOrigin(JsonObject note, ScoredPrompts prompts) {
        ScoreMeta meta = prompts.meta().orElse(null);
        for (Provenance.Field field : Provenance.Field.values()) {
            if (field == Provenance.Field.POLICY) {
                continue; // of what comes out, not of what it was made from
            }
            note.add(field.id(), meta == null ? field.unknown() : field.of(meta));
        }
        note.addProperty("temperature", prompts.temperature());
        note.addProperty(DATA_HASH, meta == null ? "" : meta.dataHash());
        note.addProperty(SCORES_HASH, prompts.scoresHash());
        addPrompts(note, prompts);
    }

    private static void addPrompts(JsonObject note, ScoredPrompts prompts) {
        note.addProperty("rows", prompts.size());
        note.addProperty("prompts", prompts.distinct().length);
        PromptSketch sketch = PromptSketch.of(prompts);
        note.add(SKETCH, sketch == null ? JsonNull.INSTANCE : sketch.json());
    }

    /** The note of a calibration on a part of the prompts, for all that were used, and with what was fitted on the others. */
    static JsonObject refitted(JsonObject note, ScoredPrompts all, Refit.Summary summary) {
        addPrompts(note, all);
        JsonObject json = new JsonObject();
        json.addProperty("fitted", summary.fitted());
        json.addProperty("penalty", summary.penalty());
        json.addProperty("aucBefore", summary.aucBefore());
        json.addProperty("aucAfter", summary.aucAfter());
        json.addProperty("refusalBefore", summary.refusalBefore());
        json.addProperty("refusalAfter", summary.refusalAfter());
        json.addProperty("nearDuplicates", summary.nearDuplicates());
        note.add("refit", json);
        NoteHash.put(note);
        return note;
    }

    private static void addObjective(JsonObject note, Objective objective) {
        Double target = null;
        Double confidence = null;
        boolean nearMiss = false;
        if (objective instanceof Objective.FalseRefusal promise) {
            target = promise.target();
            confidence = promise.confidence();
            nearMiss = promise.nearMissesOnly();
        } else if (objective instanceof Objective.Refusal promise) {
            target = promise.target();
            confidence = promise.confidence();
        } else if (objective instanceof Objective.MaxF1 best) {
            nearMiss = best.nearMissesOnly();
        }
        note.addProperty("objective", objective.id());
        note.addProperty("target", target);
        note.addProperty("confidence", confidence);
        note.addProperty("nearMissesOnly", nearMiss);
    }

    private static JsonObject toJson(Calibrated outcome) {
        JsonObject json = new JsonObject();
        json.addProperty("category", outcome.category());
        json.addProperty("n", outcome.rows());
        json.addProperty("k", outcome.allowed());
        json.addProperty("bound", outcome.bound());
        json.addProperty("f1", outcome.f1());
        json.addProperty("reason", outcome.reason());
        return json;
    }
}
