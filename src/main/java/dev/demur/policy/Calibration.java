package dev.demur.policy;

import dev.demur.arguments.Given;
import dev.demur.json.JsonFields;
import dev.demur.json.JsonText;
import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonBoolean;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.json.JsonValue.Member;
import dev.demur.json.PlainJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

    private Calibration(JsonObject json) {
        this.json = json;
    }

    /** An object of a policy file; null for none. */
    static @Nullable Calibration of(@Nullable JsonFields fields) {
        return fields == null ? null : written(fields);
    }

    /** With the numbers as they are written, so that what is read back from a policy's file is equal. */
    private static Calibration written(JsonFields fields) {
        String json = JsonText.compact(fields.json());
        return new Calibration(JsonFields.parse(json, PolicyFile.DEEPEST, "calibration", PolicyException::new)
                .json());
    }

    /**
     * The calibration in a JSON text, such as {@link #toJson} gave.
     *
     * @throws PolicyException if it is no JSON object
     */
    public static Calibration parse(String json) {
        JsonFields fields =
                JsonFields.parse(Given.value(json, "json"), PolicyFile.DEEPEST, "calibration", PolicyException::new);
        return written(fields);
    }

    /** All of it as a JSON object on one line, in the order of the file. */
    public String toJson() {
        return JsonText.compact(json);
    }

    /** The object itself, for what writes it. */
    JsonObject tree() {
        return json;
    }

    /** What is promised, in a sentence for people; null where nothing is recorded. */
    public @Nullable String statement() {
        return text(json, "statement");
    }

    /** What was calibrated for: {@code false-refusal}, {@code refusal} or {@code max-f1}; null where it is not recorded. */
    public @Nullable String objective() {
        return text(json, "objective");
    }

    /** The rate in (0, 1) that was asked for; null where the objective has none. */
    public @Nullable Double target() {
        return number(json, "target");
    }

    /** The confidence in (0, 1) with which the bounds hold; null where the objective has none. */
    public @Nullable Double confidence() {
        return number(json, "confidence");
    }

    /** Whether all categories were calibrated together, by one shift. */
    public boolean isJoint() {
        return flag(json, "joint");
    }

    /** Whether the rate is that of near misses alone. */
    public boolean nearMissesOnly() {
        return flag(json, "nearMissesOnly");
    }

    /** The bound in [0, 1] of all categories together where each was calibrated by itself; null where there is none. */
    public @Nullable Double jointBound() {
        return number(json, "jointBound");
    }

    /** What came out for each category, or for all of them together; empty where nothing is recorded. */
    public List<Outcome> outcomes() {
        List<Outcome> outcomes = new ArrayList<>();
        if (value(json, "outcomes") instanceof JsonArray array) {
            for (JsonValue element : array.values()) {
                if (element instanceof JsonObject object) {
                    outcomes.add(new Outcome(
                            text(object, "category"),
                            count(object, "n"),
                            number(object, "bound"),
                            number(object, "f1"),
                            text(object, "reason")));
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

    private static @Nullable JsonValue value(JsonObject object, String name) {
        Member member = object.members().get(name);
        return member == null ? null : member.value();
    }

    private static @Nullable String text(JsonObject object, String name) {
        return value(object, name) instanceof JsonString string ? string.value() : null;
    }

    private static @Nullable Double number(JsonObject object, String name) {
        return value(object, name) instanceof JsonNumber number
                ? Double.valueOf(Double.parseDouble(number.literal()))
                : null;
    }

    private static @Nullable Long count(JsonObject object, String name) {
        Double number = number(object, name);
        return number == null ? null : Long.valueOf(number.longValue());
    }

    private static boolean flag(JsonObject object, String name) {
        return value(object, name) instanceof JsonBoolean bool && bool.value();
    }

    /** Whether both have the same fields with the same values, in whatever order and however spaced. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Calibration calibration
                && Objects.equals(PlainJson.of(json), PlainJson.of(calibration.json));
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(PlainJson.of(json));
    }

    /** As {@link #toJson}. */
    @Override
    public String toString() {
        return toJson();
    }
}
