package dev.demur.calibration;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.demur.Demur;
import dev.demur.arguments.Given;
import dev.demur.policy.RefusalPolicy;
import dev.demur.readout.DecisionTokens;
import dev.demur.scoring.ScoreMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How what a policy was calibrated with differs from what it is used with.
 *
 * <p>A policy's promise is about the probabilities of one model, read in one way. Differences that void it are warnings.
 * Those that leave it as good as the noise between devices, or that only the caller can judge, are notes.
 *
 * @param differences in the order of the fields; empty: nothing that is recorded differs
 */
public record Provenance(List<Difference> differences) {

    /** What stood in place of {@link Field#READOUT} where there were control tokens alone. */
    private static final String CONTROL_TOKENS = "controlTokens";

    /** What stands for a policy of which is known only that it was another one. */
    private static final String OTHER_POLICY = "another one";

    private static final int LONGEST_SHOWN = 40;

    private static final String UNKNOWN_POLICY =
            "calibrated before Demur kept a checksum of the policy, so that an edited"
                    + " threshold cannot be told: calibrate again";

    public Provenance {
        differences = Given.list(differences, "differences");
    }

    /** A field of the {@code calibration} object that tells where the probabilities came from. */
    public enum Field {
        /** What decides, compared with the policy itself and not with what scores were made with. */
        POLICY(PolicyBinding.FIELD, "the policy", true, meta -> JsonNull.INSTANCE),
        MODEL("fingerprint", "the model", true, meta -> text(meta.fingerprint())),
        TEMPLATE("template", "the chat template", true, meta -> text(meta.template())),
        RENDERER("renderer", "what renders the chat template", true, meta -> text(meta.renderer())),
        SYSTEM("system", "the system message", false, meta -> text(meta.system())),
        READOUT(
                "readout",
                "the readout",
                true,
                meta -> readout(meta.readout().kind(), meta.readout().checksum())),
        TEMPERATURE("temperature", "the temperature", true, meta -> new JsonPrimitive(meta.temperature())),
        LLAMA(
                "llama",
                "llama.cpp",
                false,
                meta -> text(meta.engine() == null ? null : meta.engine().llama())),
        DEVICE(
                "device",
                "the device",
                false,
                meta -> text(meta.engine() == null ? null : meta.engine().device()));

        private final String id;
        private final String words;
        private final boolean voidsPromise;
        private final Function<ScoreMeta, JsonElement> value;

        Field(String id, String words, boolean voidsPromise, Function<ScoreMeta, JsonElement> value) {
            this.id = id;
            this.words = words;
            this.voidsPromise = voidsPromise;
            this.value = value;
        }

        /** Its name in the {@code calibration} object. */
        public String id() {
            return id;
        }

        /** Its name in a sentence. */
        public String words() {
            return words;
        }

        /** Whether a difference is a warning, and no mere note. */
        public boolean voidsPromise() {
            return voidsPromise;
        }

        JsonElement of(ScoreMeta meta) {
            return value.apply(meta);
        }

        /** What stands for a value that is not known. */
        JsonElement unknown() {
            return this == MODEL ? new JsonPrimitive("") : JsonNull.INSTANCE;
        }

        private static JsonElement text(@Nullable String text) {
            return text == null ? JsonNull.INSTANCE : new JsonPrimitive(text);
        }

        private static JsonElement readout(String kind, @Nullable String checksum) {
            return text(checksum == null ? kind : kind + " " + checksum);
        }
    }

    /**
     * A field that differs.
     *
     * @param calibrated its value in the calibration, as JSON unless it is text; null: none, or not recorded
     * @param used its value here, in the same way
     */
    public record Difference(
            Field field,
            @Nullable String calibrated,
            @Nullable String used) {
        public Difference {
            Given.value(field, "field");
        }

        /** Whether the difference is a warning, and no mere note: that nothing can be told is one. */
        public boolean voidsPromise() {
            return field.voidsPromise() && !isUnknown();
        }

        /** As {@code the temperature (temperature) was 1.0 and is 2.0}; long values are cut, and not told where that leaves the same. */
        public String sentence() {
            if (isUnknown()) {
                return UNKNOWN_POLICY;
            }
            String name = field.words() + " (" + field.id() + ")";
            String before = shown(calibrated);
            String now = shown(used);
            return before.equals(now) ? name + " is another one" : name + " was " + before + " and is " + now;
        }

        private static String shown(@Nullable String value) {
            if (value == null) {
                return "none";
            }
            String line = value.replaceAll("\\s+", " ").strip();
            return line.length() <= LONGEST_SHOWN ? line : line.substring(0, LONGEST_SHOWN) + "…";
        }

        /** Whether the calibration does not tell enough to compare the policy with it. */
        public boolean isUnknown() {
            return field == Field.POLICY && calibrated == null;
        }
    }

    /**
     * Compares a policy's calibration with a loaded model, at the policy's own &tau;.
     *
     * @param system the system message that prompts have; null: none
     * @return empty where the policy has no calibration and so promises nothing
     */
    public static Optional<Provenance> of(RefusalPolicy policy, Demur demur, @Nullable String system) {
        Given.value(policy, "policy");
        return of(policy, ScoreMeta.of(demur, system, policy.temperature(), ""));
    }

    /**
     * Compares a policy's calibration with what scores were made with.
     *
     * @return empty where the policy has no calibration and so promises nothing
     */
    public static Optional<Provenance> of(RefusalPolicy policy, ScoreMeta used) {
        Given.value(policy, "policy");
        Given.value(used, "used");
        JsonObject note = Notes.of(policy);
        if (note == null) {
            return Optional.empty();
        }
        List<Difference> differences = ofBinding(policy, note);
        for (Field field : Field.values()) {
            if (field == Field.POLICY) {
                continue;
            }
            JsonElement calibrated = recorded(note, field);
            JsonElement here = field.of(used);
            if (!isSame(calibrated, here) && isComparable(field, calibrated, here)) {
                differences.add(new Difference(field, show(calibrated), show(here)));
            }
        }
        return Optional.of(new Provenance(differences));
    }

    /**
     * Compares a policy with its own calibration alone, where nothing tells what it is used with.
     *
     * @return empty where the policy has no calibration and so promises nothing
     */
    public static Optional<Provenance> of(RefusalPolicy policy) {
        Given.value(policy, "policy");
        JsonObject note = Notes.of(policy);
        return note == null ? Optional.empty() : Optional.of(new Provenance(ofBinding(policy, note)));
    }

    private static List<Difference> ofBinding(RefusalPolicy policy, JsonObject note) {
        List<Difference> differences = new ArrayList<>();
        PolicyBinding binding = PolicyBinding.of(policy);
        if (binding != PolicyBinding.SAME) {
            String used = policy.checksum();
            String noted = show(note.has(PolicyBinding.FIELD) ? note.get(PolicyBinding.FIELD) : JsonNull.INSTANCE);
            if (used.equals(noted) && NoteHash.isOther(note)) { // it decides as it did, and promises something else
                noted = show(note.get(NoteHash.FIELD));
                used = NoteHash.of(note);
            }
            String calibrated = binding == PolicyBinding.UNKNOWN ? null : noted == null ? OTHER_POLICY : noted;
            differences.add(new Difference(Field.POLICY, calibrated, used));
        }
        return differences;
    }

    /** What a calibration says of a field; one of an older release lists the ids of control tokens. */
    private static JsonElement recorded(JsonObject note, Field field) {
        if (field == Field.READOUT && note.get(CONTROL_TOKENS) instanceof JsonArray ids) {
            int[] tokens = new int[ids.size()];
            for (int i = 0; i < tokens.length; i++) {
                if (!(ids.get(i) instanceof JsonPrimitive id && id.isNumber())) {
                    return ids;
                }
                tokens[i] = id.getAsInt();
            }
            return Field.readout(DecisionTokens.KIND, DecisionTokens.checksum(tokens));
        }
        return note.has(field.id()) ? note.get(field.id()) : field.unknown();
    }

    /** Of the renderer, llama.cpp and the device an older file tells nothing, which is no difference. */
    private static boolean isComparable(Field field, JsonElement calibrated, JsonElement here) {
        boolean newer = field == Field.RENDERER || field == Field.LLAMA || field == Field.DEVICE;
        return !newer || !calibrated.isJsonNull() && !here.isJsonNull();
    }

    private static boolean isSame(JsonElement a, JsonElement b) {
        return a instanceof JsonPrimitive one && b instanceof JsonPrimitive other && one.isNumber() && other.isNumber()
                ? one.getAsDouble() == other.getAsDouble()
                : a.equals(b);
    }

    private static @Nullable String show(JsonElement element) {
        if (element.isJsonNull()) {
            return null;
        }
        String text = element instanceof JsonPrimitive primitive ? primitive.getAsString() : element.toString();
        return text.isEmpty() ? null : text;
    }

    /** The differences that void what the policy promises. */
    public List<Difference> warnings() {
        return differences.stream().filter(Difference::voidsPromise).toList();
    }
}
