package dev.demur.cli.options;

import dev.demur.calibration.Promise;
import dev.demur.policy.PolicyException;
import dev.demur.policy.Preset;
import dev.demur.policy.RefusalPolicy;
import java.util.List;
import java.util.function.Function;

/** The presets of a model, for a person: which there are, and what each promises. */
public final class PresetText {

    public static final String OPTION = "--preset";

    public static final List<String> IDS = List.of(Preset.STRICT.id(), Preset.BALANCED.id(), Preset.PERMISSIVE.id());

    /** Where there are none. */
    public static final String NONE = "none in the file";

    private PresetText() {}

    /** A preset with its promise, or why it cannot be used. */
    public static String text(Preset preset, Function<Preset, RefusalPolicy> policies) {
        try {
            return preset.id() + ": " + Promise.of(policies.apply(preset)).statement();
        } catch (PolicyException e) {
            return preset.id() + ": cannot be used: " + e.getMessage();
        }
    }
}
