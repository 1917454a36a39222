package dev.demur.calibration;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.demur.DemurException;
import dev.demur.arguments.Given;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.InferenceBackend;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.numeric.LogOdds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How far the log-odds of the same probabilities lie apart where another llama.cpp or device computes them. docs/CALIBRATION.md
 * says how it was measured.
 *
 * @param median of all differences, in log-odds
 * @param largest of them
 * @param prompts how many prompts were compared
 * @param origin what was compared, for a person
 */
public record Noise(double median, double largest, int prompts, String origin) {

    /** The field of a policy's {@code calibration} object. */
    static final String FIELD = "noise";

    /**
     * The largest difference to be expected of models with unquantised weights, in log-odds. docs/CALIBRATION.md has the
     * measurement.
     */
    public static final double LARGEST_UNQUANTISED = 0.01;

    /** The bundled demur-tiny in F16, and five times the largest difference for longer prompts and other processors. */
    private static final Noise UNQUANTISED =
            new Noise(3e-4, LARGEST_UNQUANTISED, 174, "measured with demur-tiny (F16) on two llama.cpps");

    /** The bundled demur-small, twice 400 prompts: the larger median and the largest difference of both. */
    private static final Noise QUANTISED = new Noise(
            0.16,
            0.994,
            800,
            "measured with demur-small (Q4_0) on two llama.cpps, where 2 to 3 % of decisions differed");

    private static final Set<String> UNQUANTISED_TYPES = Set.of("F64", "F32", "F16", "BF16");

    public Noise {
        Given.value(origin, "origin");
        if (!(median >= 0 && median <= largest && largest < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "noise: " + median + " and " + largest + " are no median and largest of differences");
        }
    }

    /**
     * Compares scores of the same prompts, found by their ids.
     *
     * @throws DemurException if they are of other models, read otherwise, or have no prompt in common
     */
    public static Noise between(ScoredPrompts one, ScoredPrompts other) {
        Given.value(one, "one");
        Given.value(other, "other");
        Map<Integer, Integer> rows = common(one, other);
        List<Double> distances = new ArrayList<>();
        rows.forEach((a, b) -> {
            for (int i = 0; i < one.labels().count(); i++) {
                double distance = LogOdds.distance(one.probability(a, i), other.probability(b, i));
                if (Double.isFinite(distance)) { // not where one of them underflows
                    distances.add(Math.abs(distance));
                }
            }
        });
        if (distances.isEmpty()) {
            throw new DemurException("the scores have no prompt in common: score the same data with both");
        }
        double[] sorted = distances.stream().mapToDouble(d -> d).sorted().toArray();
        String origin = "measured between " + engine(one) + " and " + engine(other);
        return new Noise(sorted[sorted.length / 2], sorted[sorted.length - 1], rows.size(), origin);
    }

    /** How many prompts a policy decides otherwise by the other scores; errors as {@link #between}. */
    public static int decidedOtherwise(ScoredPrompts one, ScoredPrompts other, RefusalPolicy policy) {
        Given.value(one, "one");
        Given.value(other, "other");
        Given.value(policy, "policy");
        Decisions here = one.decide(policy);
        Decisions there = other.decide(policy);
        return (int) common(one, other).entrySet().stream()
                .filter(rows -> here.chosen(rows.getKey()) != there.chosen(rows.getValue()))
                .count();
    }

    /** Rows of one, and those of the other with the same prompt. */
    private static Map<Integer, Integer> common(ScoredPrompts one, ScoredPrompts other) {
        ScoreMeta a = one.meta().orElse(null);
        ScoreMeta b = other.meta().orElse(null);
        boolean same = one.labels().equals(other.labels())
                && one.temperature() == other.temperature()
                && (a == null
                        || b == null
                        || a.fingerprint().equals(b.fingerprint())
                                && a.readout().equals(b.readout())
                                && String.valueOf(a.template()).equals(String.valueOf(b.template()))
                                && (a.renderer() == null
                                        || b.renderer() == null
                                        || a.renderer().equals(b.renderer()))
                                && String.valueOf(a.system()).equals(String.valueOf(b.system())));
        if (!same) {
            throw new DemurException("the scores to compare with are of another model, or were read otherwise:"
                    + " score the same data with the same model and another llama.cpp or device");
        }
        Map<String, Integer> places = new HashMap<>();
        for (int row = 0; row < other.size(); row++) {
            places.put(other.id(row), row);
        }
        Map<Integer, Integer> rows = new HashMap<>();
        for (int row : one.distinct()) {
            Integer place = places.get(one.id(row));
            boolean known = place != null && one.hasPromptHash(row) && other.hasPromptHash(place);
            if (place != null && (!known || one.promptHash(row).equals(other.promptHash(place)))) {
                rows.put(row, place);
            }
        }
        return rows;
    }

    private static String engine(ScoredPrompts prompts) {
        InferenceBackend engine = prompts.meta().map(ScoreMeta::engine).orElse(null);
        return engine == null ? "what is not recorded" : "llama.cpp " + engine.llama() + " on " + engine.device();
    }

    /** What a policy's calibration tells; null: nothing. */
    public static @Nullable Noise of(RefusalPolicy policy) {
        Given.value(policy, "policy");
        JsonObject note = Notes.of(policy);
        if (note == null || !(note.get(FIELD) instanceof JsonObject json)) {
            return null;
        }
        Double median = number(json.get("median"));
        Double largest = number(json.get("largest"));
        Double prompts = number(json.get("prompts"));
        if (median == null
                || largest == null
                || prompts == null
                || !(json.get("origin") instanceof JsonPrimitive text)) {
            return null;
        }
        try {
            return new Noise(median, largest, prompts.intValue(), text.getAsString());
        } catch (IllegalArgumentException e) {
            return null; // not as it is written here
        }
    }

    private static @Nullable Double number(@Nullable JsonElement element) {
        return element instanceof JsonPrimitive primitive && primitive.isNumber()
                ? Double.valueOf(primitive.getAsDouble())
                : null;
    }

    /** The policy with this in its calibration object; one without a calibration stays as it is. */
    public RefusalPolicy keptBy(RefusalPolicy policy) {
        Given.value(policy, "policy");
        JsonObject note = Notes.of(policy);
        if (note == null) {
            return policy;
        }
        note.add(FIELD, json());
        return Notes.with(policy, note);
    }

    /** As it stands in a calibration object, as JSON. */
    public String toJson() {
        return json().toString();
    }

    private JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("median", median);
        json.addProperty("largest", largest);
        json.addProperty("prompts", prompts);
        json.addProperty("origin", origin);
        return json;
    }

    /**
     * What is typical of models whose weights are of a type, where nobody measured.
     *
     * @param weights as {@link dev.demur.gguf.GgufFile#weightType} gives it; null: not known
     * @return null: nothing is known
     */
    public static @Nullable Noise typical(@Nullable String weights) {
        return weights == null ? null : UNQUANTISED_TYPES.contains(weights) ? UNQUANTISED : QUANTISED;
    }
}
