package dev.demur.policy;

import dev.demur.arguments.Given;
import dev.demur.json.ForeignText;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * One of the policies that a model may come with, each calibrated by itself and with a promise of its own, so that a person
 * need not choose thresholds.
 */
public enum Preset {
    /** Refuses more, and more of what should be answered. */
    STRICT("strict"),

    /** The model's own policy, which applies where none is named. */
    BALANCED("balanced"),

    /** Refuses only what is clearest. */
    PERMISSIVE("permissive");

    /** The key of the balanced policy in a file; those of the others follow behind a dot. */
    public static final String KEY = "demur.policy";

    private final String id;

    Preset(String id) {
        this.id = id;
    }

    /** The name on the command line. */
    public String id() {
        return id;
    }

    /** The key in a model's or a head's file that holds it, as JSON. */
    public String key() {
        return this == BALANCED ? KEY : KEY + "." + id;
    }

    /** Whether a key of a file is one of a policy: {@link #KEY}, or one that follows it behind a dot. */
    public static boolean isKey(String key) {
        return Given.value(key, "key").equals(KEY) || key.startsWith(KEY + ".");
    }

    /** The preset with this id; an IllegalArgumentException that lists the ids for any other text. */
    public static Preset of(String id) {
        Given.value(id, "preset");
        for (Preset preset : values()) {
            if (preset.id.equals(id)) {
                return preset;
            }
        }
        throw new IllegalArgumentException("preset: " + ForeignText.quoted(id) + " is not one of "
                + Arrays.stream(values()).map(Preset::id).collect(Collectors.joining(", ")));
    }
}
