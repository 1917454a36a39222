package dev.demur.policy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.demur.json.JsonFields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a policy was calibrated on and the bounds that it promises: the object {@code calibration} of a policy file, all fields of
 * which docs/CALIBRATION.md describes. Those that a program may want have methods here. The rest is kept as it is, also what an
 * older or a later release of Demur wrote; {@link #toJson} has all of it.
 *
 * <p>A calibration tells what was promised. Whether that holds for a policy and a model now is told by {@code Promise} and
 * {@code Provenance} of {@code dev.demur.calibration}.
 *
 * <p>Immutable.
 */
public final class Calibration {

    private final JsonObject json;

    /** Keeps the object as its own. */
    private Calibration(JsonObject json) {
        this.json = json;
    }

    /** An object of a policy file; null for none. */
    static @Nullable Calibration of(@Nullable JsonFields fields) {
        return fields == null ? null : new Calibration(GsonTree.of(fields.json()));
    }

    /**
     * The calibration in a JSON text, such as {@link #toJson} gave.
     *
     * @throws PolicyException if it is no JSON object
     */
    public static Calibration parse(String json) {
        JsonFields fields =
                JsonFields.parse(Given.value(json, "json"), PolicyFile.DEEPEST, "calibration", PolicyException::new);
        return new Calibration(GsonTree.of(fields.json()));
    }

    /** All of it as a JSON object on one line, in the order of the file. */
    public String toJson() {
        return PolicyFile.compact(json);
    }

    /** The object itself, for what writes it. */
    JsonObject tree() {
        return json.deepCopy();
    }

    /** What is promised, in a sentence for people; null where nothing is recorded. */
    public @Nullable String statement() {
        return text(json.get("statement"));
    }

    /** What was calibrated for: {@code false-refusal}, {@code refusal} or {@code max-f1}; null where it is not recorded. */
    public @Nullable String objective() {
        return text(json.get("objective"));
    }

    /** The rate in (0, 1) that was asked for; null where the objective has none. */
    public @Nullable Double target() {
        return number(json.get("target"));
    }

    /** The confidence in (0, 1) with which the bounds hold; null where the objective has none. */
    public @Nullable Double confidence() {
        return number(json.get("confidence"));
    }

    /** Whether all categories were calibrated together, by one shift. */
    public boolean isJoint() {
        return flag(json.get("joint"));
    }

    /** Whether the rate is that of near misses alone. */
    public boolean nearMissesOnly() {
        return flag(json.get("nearMissesOnly"));
    }

    /** The bound in [0, 1] of all categories together where each was calibrated by itself; null where there is none. */
    public @Nullable Double jointBound() {
        return number(json.get("jointBound"));
    }

    /** What came out for each category, or for all of them together; empty where nothing is recorded. */
    public List<Outcome> outcomes() {
        List<Outcome> outcomes = new ArrayList<>();
        if (json.get("outcomes") instanceof JsonArray array) {
            for (JsonElement element : array) {
                if (element instanceof JsonObject object) {
                    outcomes.add(new Outcome(
                            text(object.get("category")),
                            count(object.get("n")),
                            number(object.get("bound")),
                            number(object.get("f1")),
                            text(object.get("reason"))));
                }
            }
        }
        return List.copyOf(outcomes);
    }

    /**
     * What came out for a category.
     *
     * @param category its id; null: all of them together
     * @param prompts on how many prompts it was calibrated; null: not recorded
     * @param bound the rate in [0, 1] that is promised; null: none
     * @param f1 the F1 on the prompts that it was chosen on; null: another objective
     * @param reason why there is no bound, in words; null where there is one
     */
    public record Outcome(
            @Nullable String category,
            @Nullable Long prompts,
            @Nullable Double bound,
            @Nullable Double f1,
            @Nullable String reason) {}

    private static @Nullable String text(@Nullable JsonElement element) {
        return element instanceof JsonPrimitive primitive && primitive.isString() ? primitive.getAsString() : null;
    }

    private static @Nullable Double number(@Nullable JsonElement element) {
        return element instanceof JsonPrimitive primitive && primitive.isNumber()
                ? Double.valueOf(primitive.getAsDouble())
                : null;
    }

    private static @Nullable Long count(@Nullable JsonElement element) {
        Double number = number(element);
        return number == null ? null : Long.valueOf(number.longValue());
    }

    private static boolean flag(@Nullable JsonElement element) {
        return element instanceof JsonPrimitive primitive && primitive.isBoolean() && primitive.getAsBoolean();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Calibration calibration && json.equals(calibration.json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    /** As {@link #toJson}. */
    @Override
    public String toString() {
        return toJson();
    }
}
