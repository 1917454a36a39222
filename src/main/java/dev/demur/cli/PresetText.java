package dev.demur.cli;

import dev.demur.calibration.PromisedBound;
import dev.demur.cli.report.Percent;
import dev.demur.policy.PolicyException;
import dev.demur.policy.Preset;
import dev.demur.policy.RefusalPolicy;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The presets of a model, for a person: which there are, and what each promises. */
final class PresetText {

    static final String OPTION = "--preset";

    static final List<String> IDS = List.of(Preset.STRICT.id(), Preset.BALANCED.id(), Preset.PERMISSIVE.id());

    /** Where there are none. */
    static final String NONE = "none in the file";

    private PresetText() {}

    /**
     * What a policy promises, as {@code refuses at most 2.0 % of what should be answered, with confidence 0.95}, or that it
     * promises nothing.
     */
    static String promise(RefusalPolicy policy) {
        List<PromisedBound> bounds = PromisedBound.of(policy);
        List<PromisedBound> joint =
                bounds.stream().filter(bound -> bound.category() == null).toList();
        List<PromisedBound> told = joint.isEmpty() ? bounds : joint;
        if (told.isEmpty()) {
            return "promises nothing";
        }
        return told.stream().map(PresetText::words).collect(Collectors.joining("; ")) + ", with confidence "
                + Decimal.plain(told.get(0).confidence());
    }

    private static String words(PromisedBound bound) {
        String category = bound.category() == null ? "" : " as " + bound.category();
        if (!bound.ofFalseRefusals()) {
            return "refuses at least " + Percent.atLeast(bound.bound()) + " of what should be refused" + category;
        }
        return "refuses at most " + Percent.atMost(bound.bound()) + " of "
                + (bound.nearMissesOnly() ? "near misses" : "what should be answered") + category;
    }

    /** A preset with its promise, or why it cannot be used. */
    static String text(Preset preset, Function<Preset, RefusalPolicy> policies) {
        try {
            return preset.id() + ": " + promise(policies.apply(preset));
        } catch (PolicyException e) {
            return preset.id() + ": cannot be used: " + e.getMessage();
        }
    }
}
