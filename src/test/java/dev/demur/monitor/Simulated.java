package dev.demur.monitor;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import dev.demur.policy.Calibration;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model with the categories a and b, policies that promise something about it, and decisions of theirs. */
final class Simulated {

    static final Labels LABELS = new Labels(List.of(new Category("a", "Kind A"), new Category("b", "Kind B")));

    private static final RefusalPolicy PLAIN = RefusalPolicy.defaults(LABELS, null, Rule.THRESHOLD);

    private Simulated() {}

    /** A policy whose calibration promises a rate jointly. */
    static RefusalPolicy joint(String objective, double target) {
        return promising(objective, target, true, false, outcome(null, target));
    }

    /** One that promises a false refusal rate of each category, and no joint one. */
    static RefusalPolicy perCategory(double target) {
        return promising("false-refusal", target, false, false, outcome("a", target), outcome("b", target));
    }

    /** One that promises it of near misses. */
    static RefusalPolicy nearMisses(double target) {
        return promising("false-refusal", target, false, true, outcome("a", target), outcome("b", target));
    }

    private static JsonObject outcome(@Nullable String category, double bound) {
        JsonObject json = new JsonObject();
        json.addProperty("category", category);
        json.addProperty("bound", bound);
        return json;
    }

    private static RefusalPolicy promising(
            String objective, double target, boolean joint, boolean nearMisses, JsonObject... outcomes) {
        JsonObject note = new JsonObject();
        note.addProperty("policyHash", PLAIN.checksum());
        note.addProperty("rule", PLAIN.rule().id());
        note.addProperty("objective", objective);
        note.addProperty("target", target);
        note.addProperty("confidence", 0.95);
        note.addProperty("nearMissesOnly", nearMisses);
        note.addProperty("joint", joint);
        JsonArray list = new JsonArray();
        for (JsonObject outcome : outcomes) {
            list.add(outcome);
        }
        note.add("outcomes", list);
        note.add("jointBound", JsonNull.INSTANCE);
        return PLAIN.withCalibration(Calibration.parse(note.toString()));
    }

    /** A decision on these probabilities; the rest is respond's. */
    static Decision decision(double a, double b) {
        return PLAIN.decide(Reading.ofProbabilities(LABELS, 1, new double[] {a, b, 1 - a - b}, 2));
    }

    static Decision answered() {
        return decision(0.1, 0.1);
    }

    static Decision refusedAsA() {
        return decision(0.7, 0.1);
    }

    static Decision refusedAsB() {
        return decision(0.1, 0.7);
    }
}
