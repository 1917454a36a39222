package dev.demur.calibration;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.demur.arguments.Given;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import org.jspecify.annotations.Nullable;

/**
 * Whether a policy is the one that its {@code calibration} object is about. A policy file can be edited, and then its
 * promise is another policy's.
 */
public enum PolicyBinding {
    /** The policy is what was calibrated, or has no calibration. */
    SAME,
    /** Something that decides, or what is promised of it, was changed afterwards: nothing is promised. */
    CHANGED,
    /** An older release wrote the calibration, which does not tell enough. */
    UNKNOWN;

    /** The field of the {@code calibration} object with {@link RefusalPolicy#checksum()}. */
    static final String FIELD = "policyHash";

    private static final String CONTROL_TOKENS = "controlTokens";

    /** How far the log-odds of a threshold may lie from the shift that made it: what rounding can do, and no more. */
    private static final double ROUNDING = 1e-9;

    /** Compares a policy with its own calibration. */
    public static PolicyBinding of(RefusalPolicy policy) {
        Given.value(policy, "policy");
        JsonObject note = Notes.of(policy);
        if (note == null) {
            return SAME;
        }
        if (NoteHash.isOther(note)) {
            return CHANGED;
        }
        if (note.has(FIELD)) {
            boolean same = policy.checksum().equals(text(note.get(FIELD))) && hasItsReadout(policy, note);
            return same ? SAME : CHANGED;
        }
        return ofOlder(policy, note);
    }

    /** The checksum of a readout of tokens is not part of the policy's, but the calibration records it besides. */
    private static boolean hasItsReadout(RefusalPolicy policy, JsonObject note) {
        ReadoutIdentity readout = policy.readout();
        String noted = text(note.get(Provenance.Field.READOUT.id()));
        return readout == null
                || readout.checksum() == null
                || noted == null
                || !noted.startsWith(readout.kind() + " ")
                || noted.equals(readout.kind() + " " + readout.checksum());
    }

    /** Without a hash: what was recorded must not contradict the policy, and a shift from 0.5 or from 0 proves it. */
    private static PolicyBinding ofOlder(RefusalPolicy policy, JsonObject note) {
        if (contradicts(policy, note)) {
            return CHANGED;
        }
        Double shift = number(note.get("shift"));
        if (shift == null || policy.rule() == Rule.SUM) {
            return UNKNOWN;
        }
        int shifted = 0;
        for (CategoryPolicy category : policy.categories()) {
            double value = policy.rule() == Rule.LOGIT_BIAS ? bias(category) : logOdds(category.threshold());
            shifted += Math.abs(value - shift) <= ROUNDING * Math.max(1, Math.abs(shift)) ? 1 : 0;
        }
        if (shifted == policy.categories().size()) {
            return SAME;
        }
        // All of them began at 0.5, or none; where some have the shift the others were edited.
        return shifted == 0 ? UNKNOWN : CHANGED;
    }

    private static boolean contradicts(RefusalPolicy policy, JsonObject note) {
        String rule = text(note.get("rule"));
        Double temperature = number(note.get("temperature"));
        if (rule != null && !rule.equals(policy.rule().id())
                || temperature != null && temperature != policy.temperature()) {
            return true;
        }
        if (note.get(CONTROL_TOKENS) instanceof JsonArray ids
                && !ids.isEmpty()
                && ids.size() != policy.categories().size() + 1) {
            return true; // a calibration names every category of the model
        }
        boolean refusals = "refusal".equals(text(note.get("objective")));
        if (note.get("outcomes") instanceof JsonArray outcomes) {
            for (JsonElement element : outcomes) {
                if (element instanceof JsonObject outcome && contradicts(policy, outcome, refusals)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** What is promised of a category needs it, and a promise to refuse needs a threshold too. */
    private static boolean contradicts(RefusalPolicy policy, JsonObject outcome, boolean refusals) {
        String id = text(outcome.get("category"));
        boolean promised = number(outcome.get("bound")) != null;
        if (id == null || !promised) {
            return false;
        }
        CategoryPolicy category = policy.category(id).orElse(null);
        return category == null || refusals && category.threshold() == null;
    }

    private static double bias(CategoryPolicy category) {
        Double bias = category.bias();
        return bias == null ? 0 : bias;
    }

    /** NaN, which is near no number, where there is no threshold. */
    private static double logOdds(@Nullable Double threshold) {
        return threshold == null ? Double.NaN : Math.log(threshold) - Math.log1p(-threshold);
    }

    private static @Nullable String text(@Nullable JsonElement element) {
        return element instanceof JsonPrimitive primitive && primitive.isString() ? primitive.getAsString() : null;
    }

    private static @Nullable Double number(@Nullable JsonElement element) {
        return element instanceof JsonPrimitive primitive && primitive.isNumber()
                ? Double.valueOf(primitive.getAsDouble())
                : null;
    }
}
