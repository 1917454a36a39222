package dev.demur.spring.boot;

import dev.demur.Demur;
import dev.demur.policy.PolicyException;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Preset;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;

/** Chooses the policy that the properties name, and says which of them is wrong where that fails. */
final class PolicyLoader {

    private static final String POLICY = "demur.policy";
    private static final String PRESET = "demur.preset";
    private static final String THRESHOLDS = "demur.thresholds.";
    private static final String CLASSPATH = "classpath:";
    private static final String NONE = "none";

    private PolicyLoader() {}

    /**
     * A policy, and where it came from.
     *
     * @param calibrated the policy with the calibration that it had before thresholds were changed, to be compared with it
     */
    record Chosen(RefusalPolicy policy, RefusalPolicy calibrated, String source) {}

    static Chosen choose(DemurProperties properties, Demur demur, ResourceLoader resources) {
        Chosen start = start(properties, demur, resources);
        RefusalPolicy changed = start.policy();
        for (Map.Entry<String, String> threshold : properties.thresholds().entrySet()) {
            changed = withThreshold(changed, threshold.getKey(), threshold.getValue(), demur);
        }
        return new Chosen(changed, changed.withCalibration(start.policy().calibration()), start.source());
    }

    private static Chosen start(DemurProperties properties, Demur demur, ResourceLoader resources) {
        Preset preset = properties.preset();
        String location = properties.policy();
        if (preset != null && location != null) {
            throw new DemurStartException(
                    PRESET, "demur.preset and demur.policy are both set, and one policy decides.", "Set one.", null);
        }
        if (location != null) {
            RefusalPolicy policy = checked(POLICY, () -> read(location, resources, demur));
            return new Chosen(policy, policy, "The policy " + location);
        }
        if (preset != null) {
            RefusalPolicy policy = checked(PRESET, () -> demur.policy(preset));
            return new Chosen(policy, policy, "The model's preset " + preset.id());
        }
        RefusalPolicy policy = checked(ModelLoader.MODEL, demur::policy);
        return new Chosen(policy, policy, "The model's own policy");
    }

    private interface Source {
        RefusalPolicy get() throws IOException;
    }

    private static RefusalPolicy checked(String property, Source source) {
        try {
            return source.get();
        } catch (IOException | RuntimeException e) {
            if (e instanceof DemurStartException start) {
                throw start;
            }
            throw new DemurStartException(
                    property,
                    "the policy cannot be used: " + e.getMessage(),
                    "Correct " + property + ", or leave it out to go by the model's own policy.",
                    e);
        }
    }

    private static RefusalPolicy read(String location, ResourceLoader resources, Demur demur) throws IOException {
        RefusalPolicy policy;
        if (location.startsWith(CLASSPATH)) {
            Resource resource = resources.getResource(location);
            if (!resource.exists()) {
                throw new PolicyException(location + ": there is no such policy file");
            }
            policy = PolicyFile.parse(resource.getContentAsString(StandardCharsets.UTF_8), location);
        } else {
            policy = PolicyFile.read(ModelLoader.place(POLICY, location));
        }
        policy.requireFits(demur.labels(), demur.readout().identity(), location);
        return policy;
    }

    private static RefusalPolicy withThreshold(RefusalPolicy policy, String id, String value, Demur demur) {
        String property = THRESHOLDS + id;
        if (demur.labels().indexOf(id) < 0) {
            throw new DemurStartException(
                    property,
                    "'" + id + "' is no category of this model.",
                    "Name one of " + demur.labels().categoryIds() + ".",
                    null);
        }
        if (policy.rule() == Rule.SUM || policy.rule() == Rule.LOGIT_BIAS) {
            throw new DemurStartException(
                    property,
                    "the policy decides by the rule " + policy.rule().id()
                            + ", which knows no threshold of a category.",
                    "Leave demur.thresholds out, or set demur.policy to a policy with another rule.",
                    null);
        }
        RefusalPolicy named = policy.naming(id);
        if (value.equals(NONE)) {
            return named.withoutThreshold(id);
        }
        try {
            return named.withThreshold(id, Double.parseDouble(value));
        } catch (IllegalArgumentException e) {
            throw new DemurStartException(
                    property,
                    "'" + value + "' is no threshold.",
                    "Set " + property + " to a number from 0 (always refuse) to 1, or to none (never refuse).",
                    e);
        }
    }
}
