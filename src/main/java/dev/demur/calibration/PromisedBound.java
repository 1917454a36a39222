package dev.demur.calibration;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.demur.arguments.Given;
import dev.demur.policy.RefusalPolicy;
import dev.demur.statistics.Percentage;
import dev.demur.statistics.numeric.UnitInterval;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A bound that a policy's {@code calibration} object promises: with the confidence the false refusal rate is at most
 * this, or the refusal rate at least this, on fresh prompts from the source that the policy was calibrated on.
 *
 * @param category a category's id; null: jointly
 * @param ofFalseRefusals whether the false refusal rate is bounded, and not the refusal rate
 * @param nearMissesOnly whether it is the rate over near misses alone
 * @param bound in [0, 1]
 * @param confidence in (0, 1)
 */
public record PromisedBound(
        @Nullable String category, boolean ofFalseRefusals, boolean nearMissesOnly, double bound, double confidence) {

    public PromisedBound {
        if (!(bound >= 0 && bound <= 1)) {
            throw new IllegalArgumentException("bound: " + bound + " is not in [0, 1]");
        }
        UnitInterval.requireInside("confidence", confidence);
    }

    /**
     * The bounds of every category that has one, and the joint one. A policy without a calibration promises nothing, nor
     * does one whose calibration object is not as docs/CALIBRATION.md describes it, nor one that was {@linkplain
     * PolicyBinding#CHANGED changed} since.
     */
    public static List<PromisedBound> of(RefusalPolicy policy) {
        Given.value(policy, "policy");
        JsonObject note = Notes.of(policy);
        if (note == null || PolicyBinding.of(policy) == PolicyBinding.CHANGED) {
            return List.of();
        }
        boolean falseRefusals = isText(note.get("objective"), "false-refusal");
        Double confidence = share(note.get("confidence"));
        if (confidence == null || confidence == 0 || confidence == 1) {
            return List.of();
        }
        if (!falseRefusals && !isText(note.get("objective"), "refusal")) {
            return List.of();
        }
        boolean nearMisses = note.get("nearMissesOnly") instanceof JsonPrimitive flag && flag.getAsBoolean();
        List<PromisedBound> bounds = new ArrayList<>();
        if (note.get("outcomes") instanceof JsonArray outcomes) {
            for (JsonElement element : outcomes) {
                Double bound = element instanceof JsonObject outcome ? share(outcome.get("bound")) : null;
                if (bound != null) {
                    String category = text(element.getAsJsonObject().get("category"));
                    bounds.add(new PromisedBound(category, falseRefusals, nearMisses, bound, confidence));
                }
            }
        }
        Double joint = share(note.get("jointBound"));
        if (joint != null) {
            bounds.add(new PromisedBound(null, falseRefusals, nearMisses, joint, confidence));
        }
        return bounds;
    }

    /** The bound in percent, rounded so that no more is said than is promised; a sentence in any language can be written with it. */
    public BigDecimal percent() {
        return ofFalseRefusals ? Percentage.atMost(bound) : Percentage.atLeast(bound);
    }

    /** The confidence in percent, as it was chosen. */
    public BigDecimal confidencePercent() {
        return Percentage.exact(confidence);
    }

    /** As {@code at most 2 %} or {@code at least 75.9 %}. */
    public String limit() {
        return (ofFalseRefusals ? "at most " : "at least ") + Percentage.text(percent());
    }

    /** As {@code refuses at most 2 % of what should be answered}, or {@code … of near misses as safety}. */
    public String words() {
        String of = !ofFalseRefusals
                ? "what should be refused"
                : nearMissesOnly ? "near misses" : "what should be answered";
        return "refuses " + limit() + " of " + of + (category == null ? "" : " as " + category);
    }

    private static boolean isText(@Nullable JsonElement element, String wanted) {
        return wanted.equals(text(element));
    }

    private static @Nullable String text(@Nullable JsonElement element) {
        return element instanceof JsonPrimitive primitive && primitive.isString() ? primitive.getAsString() : null;
    }

    private static @Nullable Double share(@Nullable JsonElement element) {
        if (!(element instanceof JsonPrimitive primitive) || !primitive.isNumber()) {
            return null;
        }
        double number = primitive.getAsDouble();
        return number >= 0 && number <= 1 ? number : null;
    }
}
