package dev.demur.cli.serve;

import dev.demur.GenerationOptions;
import dev.demur.policy.ReadoutIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The model that answers, as clients see it.
 *
 * @param names what requests may call it; the first is its own
 * @param createdSeconds when its file was last changed, in seconds since 1970
 * @param readout what decides
 * @param policy by what it decides
 * @param defaults how it answers where a request does not say; without a policy, grammar and cancellation
 */
record ServedModel(
        Engine engine,
        List<String> names,
        long createdSeconds,
        ReadoutIdentity readout,
        ServedPolicy policy,
        GenerationOptions defaults) {

    String name() {
        return names.get(0);
    }

    /**
     * Fails over a model that is not this one.
     *
     * @param model what a request names; null: nothing, which means this one
     */
    void requireNamed(@Nullable String model) {
        if (model != null && !names.contains(model)) {
            throw ApiException.notFound(
                    "model",
                    "model_not_found",
                    "there is no model " + Quoted.of(model) + " here: name " + Quoted.of(name())
                            + ", or leave model out (demur serve --model-name gives the model another name)");
        }
    }
}
