package dev.demur.readout;

import dev.demur.arguments.Given;
import dev.demur.policy.Preset;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of how a head was made. Immutable.
 *
 * @param modelName what the model calls itself, for messages; null: nothing
 * @param model the {@linkplain dev.demur.gguf.GgufFile#fingerprint() fingerprint} of the model that it was fitted on
 * @param base what the quantisations of that model have in common: {@link dev.demur.gguf.GgufFile#baseFingerprint()}
 * @param template the chat template that it was fitted with: llama.cpp's name, or the text
 * @param data a JSON object: the hash of the labelled prompts, and how many there were by source and category
 * @param validation a JSON object: what cross-validation measured
 * @param trainedOn hashes of the prompts that it was fitted on; may be empty
 * @param policies policies as JSON, by their keys in the file: {@code demur.policy}, and others that begin so
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; copied on the way in and out
public record HeadFacts(
        @Nullable String modelName,
        String model,
        String base,
        String template,
        String data,
        String validation,
        long[] trainedOn,
        Map<String, String> policies) {

    public HeadFacts {
        Given.value(trainedOn, "trainedOn");
        Given.value(model, "model");
        Given.value(base, "base");
        Given.value(template, "template");
        Given.value(data, "data");
        Given.value(validation, "validation");
        trainedOn = Arrays.copyOf(trainedOn, trainedOn.length);
        policies = Map.copyOf(Given.value(policies, "policies"));
        for (String key : policies.keySet()) {
            if (!Preset.isKey(key)) {
                throw new IllegalArgumentException(
                        key + " is no key of a policy: it does not begin with " + Preset.KEY);
            }
        }
    }

    /** A copy. */
    @Override
    public long[] trainedOn() {
        return trainedOn.clone();
    }

    /** The policies in the order of their keys. */
    Map<String, String> orderedPolicies() {
        return new TreeMap<>(policies);
    }
}
