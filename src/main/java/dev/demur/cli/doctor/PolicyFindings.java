package dev.demur.cli.doctor;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonParser;
import dev.demur.calibration.Noise;
import dev.demur.calibration.Provenance;
import dev.demur.cli.calibrate.NoiseChoice;
import dev.demur.cli.options.ChosenPolicy;
import dev.demur.cli.options.PolicyCheck;
import dev.demur.cli.options.PresetText;
import dev.demur.policy.Labels;
import dev.demur.policy.Preset;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What {@code doctor} says of the policy. */
public final class PolicyFindings {

    private static final String REFIT =
            "It goes by a map over the probabilities that was fitted on somebody's own prompts;"
                    + " by backend sampling nothing is decided by it, the host does that.";

    private PolicyFindings() {}

    /** Only what voids the promise makes a policy one for something else; the rest are notes about one that fits. */
    private static String origin(Provenance provenance) {
        if (provenance.differences().isEmpty()) {
            return "calibrated with what is used here";
        }
        List<Provenance.Difference> warnings = provenance.warnings();
        if (warnings.isEmpty()) {
            return "calibrated for what is used here";
        }
        return warnings.stream().allMatch(d -> d.field() == Provenance.Field.POLICY)
                ? "changed after it was calibrated, so it promises nothing"
                : "calibrated with something else than is used here, so it promises nothing here";
    }

    /** What a change of llama.cpp is worth. */
    public static void addNoise(Findings facts, @Nullable Noise kept, String weights) {
        Noise noise = kept != null ? kept : Noise.typical(weights);
        if (noise != null) {
            facts.line(
                    "",
                    NoiseChoice.words(noise) + " demur eval counts the rows so near a threshold."
                            + (kept != null ? "" : " " + NoiseChoice.ADVICE));
        }
        facts.field("policy.noiseMeasured", kept != null);
        facts.field("policy.noise", noise == null ? JsonNull.INSTANCE : JsonParser.parseString(noise.toJson()));
    }

    /** The presets that a model comes with, and what each promises. */
    public static void addPresets(Findings facts, List<Preset> presets, Function<Preset, RefusalPolicy> policies) {
        facts.line("Presets", presets.isEmpty() ? PresetText.NONE : PresetText.text(presets.get(0), policies));
        for (Preset preset : presets.subList(Math.min(1, presets.size()), presets.size())) {
            facts.line("", PresetText.text(preset, policies));
        }
        facts.field("presets", presets.stream().map(Preset::id).toList());
    }

    public static void add(Findings facts, ChosenPolicy chosen, Optional<Provenance> provenance, Labels labels) {
        String rule = chosen.policy().rule().id();
        String origin = provenance.map(PolicyFindings::origin).orElse("not calibrated, so it promises nothing");
        facts.line("Policy", chosen.source() + ": rule " + rule + ", " + origin);
        if (chosen.policy().rule() == Rule.REFIT) {
            facts.line("", REFIT);
        }
        for (Provenance.Difference difference :
                provenance.map(Provenance::differences).orElse(List.of())) {
            String weight = difference.voidsPromise() ? "warning: " : "note: ";
            facts.line("", weight + difference.sentence());
        }
        String unnamed = PolicyCheck.unnamed(chosen.policy(), labels);
        if (unnamed != null) {
            facts.line("", "warning: " + unnamed);
        }
        JsonArray differences = PolicyCheck.json(provenance);
        facts.field("policy.source", chosen.source())
                .field("policy.rule", rule)
                .field("policy.provenance", differences == null ? JsonNull.INSTANCE : differences);
    }
}
